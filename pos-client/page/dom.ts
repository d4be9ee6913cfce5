/** Building elements without a library: text is always text, so nothing typed becomes markup. */
type Child = Node | string | null | false
type Properties = Readonly<Record<string, string | boolean | ((event: Event) => void)>>

export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [property, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(property, value)
    else if (value === true) element.setAttribute(property, '')
    else if (value !== false) element.setAttribute(property, value)
  }
  element.append(...children.filter((child) => child !== null && child !== false))
  return element
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element as T
}

export const fill = (id: string, ...children: readonly Child[]): void => {
  byId(id).replaceChildren(...children.filter((child) => child !== null && child !== false))
}
