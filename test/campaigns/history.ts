/**
 * A checker of histories after Elle (Kingsbury and Alvaro, VLDB 2020), small because every version
 * is stored: no order has to be inferred. Operations depend on one another by versions (ww, wr, rw)
 * and by time; in a strictly serializable history no dependency leads back to its beginning.
 */
import type { Operation } from './crossing.ts'

type Edges = number[][]

/** What is wrong with a history, a line each; a cycle is named by its operations. */
export function faultsOf(operations: readonly Operation[]): string[] {
  const faults = clashesOf(operations)
  const cycle = cycleIn(edgesOf(operations))
  if (cycle !== null) {
    const named = cycle.filter((node) => node < operations.length)
    faults.push(`cycle: ${named.map((node) => wordsOf(operations[node])).join(' → ')}`)
  }
  return faults
}

const wordsOf = (operation: Operation | undefined): string =>
  `${operation?.kind} ${operation?.touched
    .map(({ ownerId, version }) => `${ownerId.slice(-4)}@${version}`)
    .join('+')}`

const madeBy = ({ kind }: Operation): bigint => (kind === 'write' ? 1n : 0n)

/** Two that made the same version, or saw different amounts in it. */
function clashesOf(operations: readonly Operation[]): string[] {
  const faults: string[] = []
  const amounts = new Map<string, bigint>()
  const writers = new Set<string>()
  const see = (name: string, fen: bigint): void => {
    const known = amounts.get(name) ?? fen
    amounts.set(name, known)
    if (known !== fen) faults.push(`${name} holds ${known} fen and ${fen} fen`)
  }
  for (const { kind, touched } of operations) {
    for (const { ownerId, version, before, after } of touched) {
      see(`${ownerId}@${version}`, before)
      if (kind === 'read') continue
      const made = `${ownerId}@${version + 1n}`
      see(made, after)
      if (writers.has(made)) faults.push(`${made} was made twice`)
      writers.add(made)
    }
  }
  return faults
}

/** The graph: a node per operation, then one per moment at which an operation ended. */
function edgesOf(operations: readonly Operation[]): Edges {
  const edges: Edges = Array.from({ length: 2 * operations.length }, () => [])
  const add = (from: number | undefined, to: number | undefined): void => {
    if (from !== undefined && to !== undefined && from !== to) edges[from]?.push(to)
  }
  const writerOf = new Map<string, number>()
  operations.forEach((operation, node) => {
    if (operation.kind === 'read') return
    for (const { ownerId, version } of operation.touched) {
      writerOf.set(`${ownerId}@${version + 1n}`, node)
    }
  })
  operations.forEach((operation, node) => {
    for (const { ownerId, version } of operation.touched) {
      // Who made what it saw (wr, and ww of a write); who made the next version (rw).
      add(writerOf.get(`${ownerId}@${version}`), node)
      if (madeBy(operation) === 0n) add(node, writerOf.get(`${ownerId}@${version + 1n}`))
    }
  })
  addTime(operations, edges, add)
  return edges
}

/** Whatever ended before another began comes first: ends form a chain, which keeps this linear. */
function addTime(
  operations: readonly Operation[],
  edges: Edges,
  add: (from: number, to: number) => void,
): void {
  const count = operations.length
  const byEnd = operations.map((_, node) => node)
  byEnd.sort((a, b) => (operations[a]?.endMs ?? 0) - (operations[b]?.endMs ?? 0))
  byEnd.forEach((node, place) => {
    add(node, count + place)
    if (place > 0) add(count + place - 1, count + place)
  })
  const byStart = operations.map((_, node) => node)
  byStart.sort((a, b) => (operations[a]?.startMs ?? 0) - (operations[b]?.startMs ?? 0))
  let ended = 0
  for (const node of byStart) {
    const startMs = operations[node]?.startMs ?? 0
    while (ended < count && (operations[byEnd[ended] ?? 0]?.endMs ?? 0) < startMs) ended += 1
    if (ended > 0) edges[count + ended - 1]?.push(node)
  }
}

/** The nodes of one cycle, or null: takes away what nothing leads to, until nothing is left. */
function cycleIn(edges: Edges): number[] | null {
  const incoming = new Int32Array(edges.length)
  for (const targets of edges) for (const to of targets) incoming[to] = (incoming[to] ?? 0) + 1
  const free = edges.map((_, node) => node).filter((node) => incoming[node] === 0)
  const left = new Set(edges.keys())
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    left.delete(node)
    for (const to of edges[node] ?? []) {
      incoming[to] = (incoming[to] ?? 0) - 1
      if (incoming[to] === 0) free.push(to)
    }
  }
  return left.size === 0 ? null : walkedCycle(edges, left)
}

/** Every node that is left has one before it that is left too: walking back must close a ring. */
function walkedCycle(edges: Edges, left: ReadonlySet<number>): number[] {
  const before = new Map<number, number>()
  for (const node of left) {
    for (const to of edges[node] ?? []) if (left.has(to)) before.set(to, node)
  }
  const path: number[] = []
  let [node = 0] = left
  while (!path.includes(node)) {
    path.push(node)
    node = before.get(node) ?? node
  }
  return [...path.slice(path.indexOf(node)), node].reverse()
}
