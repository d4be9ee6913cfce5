/** PromQL as far as a machine without Prometheus can check it: its form, and the names it reads. */

const TOKENS = new RegExp(
  [
    /\s+|[a-zA-Z_:][\w:]*|"(?:[^"\\]|\\.)*"/,
    /\d+(?:\.\d+)?(?:e\d+)?(?:[smhdw]\b)?/,
    /[=!]~|[=!<>]=|[-+*/%(){}[\],<>=]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gy',
)
const WORDS = new Set(['by', 'without', 'on', 'ignoring', 'and', 'or', 'unless', 'bool'])
const FUNCTIONS = new Set(['rate', 'increase', 'sum', 'max', 'histogram_quantile'])
const PAIRS: Readonly<Record<string, string>> = { ')': '(', '}': '{', ']': '[' }

function tokensOf(expression: string): string[] {
  const tokens: string[] = []
  let end = 0
  for (const match of expression.matchAll(TOKENS)) {
    end = match.index + match[0].length
    if (match[0].trim() !== '') tokens.push(match[0])
  }
  if (end !== expression.length) throw new Error(`not PromQL from “${expression.slice(end)}”`)
  return tokens
}

/** The names of the metrics that an expression reads. Throws where it is no PromQL by its form. */
export function metricsIn(expression: string): string[] {
  const tokens = tokensOf(expression)
  const open: string[] = []
  const names: string[] = []
  let inLabels = 0
  tokens.forEach((token, index) => {
    const before = tokens[index - 1]
    const next = tokens[index + 1]
    if ('({['.includes(token)) {
      open.push(token)
      if (token === '{' || (token === '(' && /^(by|without|on|ignoring)$/.test(before ?? ''))) {
        inLabels = open.length
      }
      return
    }
    if (')}]'.includes(token)) {
      if (open.pop() !== PAIRS[token]) throw new Error(`${token} closes nothing in ${expression}`)
      if (inLabels > open.length) inLabels = 0
      return
    }
    if (inLabels > 0 || !/^[a-zA-Z_:]/.test(token) || WORDS.has(token)) return
    if (FUNCTIONS.has(token) && /^(\(|by)$/.test(next ?? '')) return
    if (next === '(') throw new Error(`${token} is no function we know`)
    names.push(token)
  })
  if (open.length > 0) throw new Error(`${open.join('')} stays open in ${expression}`)
  if (names.length === 0) throw new Error(`${expression} reads no metric`)
  const ranged = (name: string) => expression.includes(`${name}[`) || /}\[/.test(expression)
  if (/(rate|increase)\(/.test(expression) && !names.some(ranged)) {
    throw new Error(`${expression} has a rate without its time`)
  }
  return names
}
