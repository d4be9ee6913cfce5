import { brokenLines } from './broken-lines.ts'
import { duplicates } from './duplicates.ts'
import { gentleStops } from './gentle-stops.ts'
import { lostAnswers } from './lost-answers.ts'
import { testShortForms } from './short-forms.ts'
import { shuffledMessages } from './shuffled-messages.ts'
import { slowLines } from './slow-lines.ts'
import { soaked } from './soak.ts'

testShortForms([
  { campaign: lostAnswers, planted: 8, n: 'test/faults/lost-answers.test.ts' },
  { campaign: brokenLines, planted: 4, n: 4 },
  { campaign: duplicates, planted: 8, n: 12 },
  { campaign: slowLines, planted: 'long form', n: 6 },
  { campaign: shuffledMessages, planted: 20, n: 8 },
  { campaign: soaked, planted: 'long form', n: 3 },
  { campaign: gentleStops, planted: 24, n: 3 },
])
