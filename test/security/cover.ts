/** What holds a row of the security checklist. */
export type Cover =
  | { readonly test: string; readonly title: string }
  /** Run by a person or in operation; what it must say. */
  | { readonly command: string; readonly expect: string }
  /** What of the row is not here, and what it waits for. */
  | { readonly missing: string }

export const test = (file: string, title: string): Cover => ({ test: `test/${file}`, title })
export const missing = (text: string): Cover => ({ missing: text })
export const command = (line: string, expect: string): Cover => ({ command: line, expect })
