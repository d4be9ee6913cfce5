/** Pinyin of names: initials and full spelling, by character, for searching as people type. */
import { pinyin } from 'pinyin-pro'

const known = new Map<string, string>()

function spellingOf(character: string): string {
  let spelling = known.get(character)
  if (spelling === undefined) {
    spelling = pinyin(character, { toneType: 'none', nonZh: 'consecutive' }).toLowerCase()
    known.set(character, spelling)
  }
  return spelling
}

const SPELLED = /^[a-zü]+$/

/** `阿莫西林胶囊` → `amxljn`. Latin letters and digits stay, everything else falls away. */
export const pinyinInitials = (name: string): string =>
  [...name]
    .map((character) => {
      if (/[a-z0-9]/i.test(character)) return character.toLowerCase()
      const spelling = spellingOf(character)
      return SPELLED.test(spelling) ? spelling.slice(0, 1) : ''
    })
    .join('')

/** `阿莫西林` in context → `amoxilin`; read as a whole, so that polyphones come out right. */
export const pinyinFull = (name: string): string =>
  pinyin(name, { toneType: 'none', type: 'array', nonZh: 'consecutive' })
    .join('')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
