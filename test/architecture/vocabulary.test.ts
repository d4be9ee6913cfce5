import { describe, expect, it } from 'vitest'
import { allSourceFiles, asMessage, filesNamed, readText, sourceFile } from './source-files.ts'
import { nationalNameFindings, sqlVocabularyFindings, vocabularyFindings } from './vocabulary.ts'

describe('one word, one meaning', () => {
  it('no identifier, declaration or file name uses a banned word', () => {
    expect(asMessage(allSourceFiles().flatMap(vocabularyFindings))).toBe('')
  })

  it('no name in SQL uses a banned word', () => {
    const found = filesNamed(/\.sql$/, ['db']).flatMap((path) =>
      sqlVocabularyFindings(path, readText(path)),
    )
    expect(asMessage(found)).toBe('')
  })

  it.each([
    ['const calcShare = 1', 'adjudicate'],
    ['function reimburseClaim() {}', 'adjudicate'],
    ['const claimPreview = 1', 'presettleClaim'],
    ['function trialSettle() {}', 'presettleClaim'],
    ['const checkoutKey = 1', 'settleClaim'],
    ['const paymentLines = []', 'settleClaim'],
    ['const x = { refunded: true }', 'reverseSettlement'],
    ['x.rollback()', 'reverseSettlement'],
    ['function cancelSale() {}', 'reverseSettlement'],
    ['function reverseMessage() {}', 'compensateMessage'],
    ['type X = { insurancePlan: string }', 'coverage'],
    ['const treatmentKind = 1', 'benefit'],
    ['const drugDirectory = []', 'catalogue'],
    ['const totalSum = 1n', 'totalExpense'],
    ['const selfPay = 1n', 'outsideScope'],
    ['const coPay = 1n', 'preliminaryShare'],
    ['const eligibleAmount = 1n', 'inScope'],
    ['const deductibleThreshold = 1n', 'deductible'],
    ['const annualCap = 1n', 'ceilingYearly'],
    ['const insurancePays = 1n', 'poolingFundPays'],
    ['const walletBalance = 1n', 'account'],
    ['const medicalAid = 1n', 'medicalAssistance'],
    ['const patientPays = 1n', 'cashPays'],
    ['function checkStatement() {}', 'reconcile'],
    ['const clearingSettlement = 1', 'clearing'],
    ['const providerCode = 1', 'institution'],
    ['const hospitalId = 1', 'institution'],
    ['class QueueManager {}', 'say what it does'],
    ['type PersonInfo = { age: 1 }', 'say what it does'],
  ])('the planted line %s is found and %s is offered', (text, advice) => {
    const found = vocabularyFindings(sourceFile('server/actions/x.ts', text))
    expect(asMessage(found)).toContain(advice)
  })

  it.each([
    'server/actions/refund-sale.ts',
    'server/rest/helpers.ts',
    'pos-client/string-utils.ts',
  ])('the planted file name %s is found', (path) => {
    expect(vocabularyFindings(sourceFile(path, 'const x = 1'))).toHaveLength(1)
  })

  it.each([
    ['server/actions/x.ts', 'const importPreview = 1'],
    ['server/ledger/x.ts', 'const trialBalance = 1'],
    ['server/rules/steps/x.ts', 'const selfPaySegment = 1'],
    ['server/store/x.ts', 'x.rollback()'],
    ['server/rules/steps/x.ts', 'const coPayment = 1n'],
    ['server/rest/x.ts', 'const cancelTimer = 1'],
    ['server/rest/x.ts', "const text = 'a refund'"],
  ])('in %s the line %s is allowed', (path, text) => {
    expect(vocabularyFindings(sourceFile(path, text))).toEqual([])
  })

  it('a banned column is found in SQL, a comment about the word is not', () => {
    const planted = "-- no refund\nselect refund_fen from x where y = 'refund'\n"
    expect(sqlVocabularyFindings('db/functions/x.sql', planted)).toMatchObject([{ line: 2 }])
  })
})

describe('national field names', () => {
  it('stand in the translation only', () => {
    const found = filesNamed(/\.(tsx?|mjs|sql|yaml|css|html)$/).flatMap((path) =>
      nationalNameFindings(path, readText(path)),
    )
    expect(asMessage(found)).toBe('')
  })

  it.each(['medfee_sumamt', 'hifp_pay', 'acct_mulaid_pay', 'psn_cash_pay', 'setl_id', 'psn_no'])(
    'the planted name %s is found outside the translation and allowed inside',
    (name) => {
      const text = `const x = { ${name}: 1 }`
      expect(nationalNameFindings('server/rest/x.ts', text)).toHaveLength(1)
      expect(nationalNameFindings('server/nhsa/f2207.ts', text)).toEqual([])
    },
  )

  it.each(['resetl_id', 'balcony', 'hifp_payer'])('the name %s is not one of them', (name) => {
    expect(nationalNameFindings('server/rest/x.ts', name)).toEqual([])
  })
})
