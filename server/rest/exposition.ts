/** The text format of Prometheus (0.0.4), for families whose figures are kept elsewhere. */
import type { Tally } from '../kernel/tally.ts'

export type Labels = Readonly<Record<string, string>>
export type Sample = { readonly suffix?: string; readonly labels: Labels; readonly value: number }
export type Family = {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: readonly Sample[]
}

export const sampleOf = (value: number, labels: Labels = {}): Sample => ({ labels, value })

export function gauge(name: string, help: string, value: number | null): Family {
  return { name, help, type: 'gauge', samples: value === null ? [] : [sampleOf(value)] }
}
export function counter(name: string, help: string, value: number): Family {
  return { name, help, type: 'counter', samples: [sampleOf(value)] }
}
/** A family with one label, from figures by its value. */
export function byLabel(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  label: string,
  figures: Iterable<readonly [string, number]>,
): Family {
  const samples = [...figures].map(([key, value]) => sampleOf(value, { [label]: key }))
  return { name, help, type, samples }
}

/** Buckets are cumulative in the format, and end with the whole. */
export function tallySamples(tally: Tally, labels: Labels = {}): Sample[] {
  let below = 0
  const buckets = tally.bounds.map((bound, place) => {
    below += tally.within[place] ?? 0
    return { suffix: '_bucket', labels: { ...labels, le: String(bound) }, value: below }
  })
  return [
    ...buckets,
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: tally.count },
    { suffix: '_sum', labels, value: tally.sum },
    { suffix: '_count', labels, value: tally.count },
  ]
}

export function histogram(name: string, help: string, tally: Tally): Family {
  return { name, help, type: 'histogram', samples: tallySamples(tally) }
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

export function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

export const familyText = ({ name, help, type, samples }: Family): string =>
  [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(
      ({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${value}`,
    ),
    '',
  ].join('\n')

/**
 * The texts of several processes as one: each family once, every sample with the label `process`.
 * @param texts by the name of the process, as familyText and prom-client write them
 */
export function mergedText(texts: readonly (readonly [string, string])[]): string {
  const heads = new Map<string, string[]>()
  const samples = new Map<string, string[]>()
  for (const [process, text] of texts) {
    let family = ''
    for (const line of text.split('\n')) {
      const [, kind, name] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? []
      if (name === undefined) {
        if (line !== '') samples.get(family)?.push(withLabel(line, process))
        continue
      }
      family = name
      if (!samples.has(family)) samples.set(family, [])
      const head = heads.get(family) ?? []
      if (!head.some((one) => one.startsWith(`# ${kind} `))) heads.set(family, [...head, line])
    }
  }
  return [...samples]
    .map(([family, lines]) => [...(heads.get(family) ?? []), ...lines, ''].join('\n'))
    .join('\n')
}

const withLabel = (line: string, process: string): string =>
  line.replace(/^(\w+)(\{)?/, (_, name: string, open: string | undefined) =>
    open === undefined ? `${name}{process="${process}"}` : `${name}{process="${process}",`,
  )
