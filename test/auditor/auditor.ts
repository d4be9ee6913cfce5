/**
 * A second set of books, kept by somebody who knows nothing of the centre's code: only what was
 * sent and what was answered, in plain maps of whole fen. It says what every account of a person,
 * every payer and every institution must come to.
 */

/** The answer to a sale, a reversal or a return, as far as an outsider reads it. */
export type HeardDocument = {
  readonly settlementId: string
  readonly kind: string
  readonly originalId: string | null
  readonly totals: Readonly<Record<string, string>>
  readonly payers: Readonly<Record<string, string>>
  readonly institution: { readonly code: string }
}

const fenOf = (yuan: string): bigint => {
  const negative = yuan.startsWith('-')
  const [whole = '0', part = ''] = yuan.replace('-', '').split('.')
  const fen = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0'))
  return negative ? -fen : fen
}

/** Accounts a payer draws on. A person's are the person's; the household's is the household's. */
const ACCOUNTS = ['current-year-account', 'past-year-account', 'household-account'] as const

export class Auditor {
  /** `owner account` → fen. */
  readonly accounts = new Map<string, bigint>()
  /** What funds and accounts owe each institution, and what persons paid there in cash. */
  readonly owed = new Map<string, bigint>()
  readonly cash = new Map<string, bigint>()
  /** Paid by each payer in all. */
  readonly payers = new Map<string, bigint>()
  readonly complaints: string[] = []
  private readonly known = new Map<
    string,
    HeardDocument & { ownerOf: (account: string) => string }
  >()
  private readonly takenBack = new Map<string, bigint>()

  open(owner: string, account: string, fen: bigint): void {
    this.accounts.set(`${owner} ${account}`, fen)
  }

  credit(owner: string, account: string, yuan: string): void {
    add(this.accounts, `${owner} ${account}`, fenOf(yuan))
  }

  /** A document that was answered. The same one heard again changes nothing. */
  hear(document: HeardDocument, ownerOf: (account: string) => string): void {
    const before = this.known.get(document.settlementId)
    if (before !== undefined) {
      if (JSON.stringify(before.payers) !== JSON.stringify(document.payers)) {
        this.complain(document, 'is answered otherwise than before')
      }
      return
    }
    this.known.set(document.settlementId, { ...document, ownerOf })
    this.check(document)
    const { code } = document.institution
    for (const [payer, yuan] of Object.entries(document.payers)) {
      const fen = fenOf(yuan)
      add(this.payers, payer, fen)
      add(payer === 'cash' ? this.cash : this.owed, code, fen)
      if ((ACCOUNTS as readonly string[]).includes(payer)) {
        add(this.accounts, `${ownerOf(payer)} ${payer}`, -fen)
      }
    }
  }

  private check(document: HeardDocument): void {
    const total = fenOf(document.totals.totalExpense ?? '0')
    const paid = Object.values(document.payers).reduce((sum, yuan) => sum + fenOf(yuan), 0n)
    if (paid !== total) this.complain(document, `is paid ${paid} of ${total}`)
    if (document.originalId === null) {
      const negative = Object.values(document.payers).some((yuan) => fenOf(yuan) < 0n)
      if (negative) this.complain(document, 'has a payer who pays less than nothing')
      return
    }
    const original = this.known.get(document.originalId)
    if (original === undefined) {
      this.complain(document, 'takes back what nobody settled')
      return
    }
    add(this.takenBack, document.originalId, -total)
    const back = this.takenBack.get(document.originalId) ?? 0n
    if (back > fenOf(original.totals.totalExpense ?? '0')) {
      this.complain(document, 'takes back more than was settled')
    }
  }

  private complain(document: HeardDocument, what: string): void {
    this.complaints.push(`${document.kind} ${document.settlementId} ${what}`)
  }
}

function add(book: Map<string, bigint>, name: string, fen: bigint): void {
  book.set(name, (book.get(name) ?? 0n) + fen)
}
