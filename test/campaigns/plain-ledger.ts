/**
 * The model of C32: a ledger in plain maps of whole fen that knows, of purchases without a
 * prescription, all there is to know. It shares no line with the product.
 */

/** What a sale is made of: packs of a class A item, of a class B one, and of a class C one. */
export type Packs = { readonly a: number; readonly b: number; readonly c: number }
export const PRICES = { a: 1_000n, b: 3_777n, c: 2_550n } as const

export type Account = 'current-year-account' | 'past-year-account' | 'household-account'
export type Holder = {
  readonly person: string
  /** Persons of one household share its account. */
  readonly household: string | null
}
export type Paid = Readonly<Record<Account | 'cash', bigint>>
export type Sale = {
  readonly holder: Holder
  readonly paid: Paid
  /** Its money has been given back. */
  undone: boolean
}

/** One rule of the model, told wrongly: the planted fault of C32. */
export type Mutation = 'none' | 'past-year-account-pays-class-c'

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)

export class PlainLedger {
  /** `owner account` → fen. */
  readonly accounts = new Map<string, bigint>()
  /** Whether the past-year account of employees pays the preliminary share. */
  paysPreliminaryShare = true

  constructor(private readonly mutation: Mutation = 'none') {}

  ownerOf({ person, household }: Holder, account: Account): string {
    return account === 'household-account' ? `${household} ${account}` : `${person} ${account}`
  }

  balance(holder: Holder, account: Account): bigint {
    return this.accounts.get(this.ownerOf(holder, account)) ?? 0n
  }

  add(holder: Holder, account: Account, fen: bigint): void {
    this.accounts.set(this.ownerOf(holder, account), this.balance(holder, account) + fen)
  }

  /** Who pays a sale at this moment. */
  split(holder: Holder, packs: Packs): Paid {
    const b = PRICES.b * BigInt(packs.b)
    // A tenth of class B is the person's own before anything else, rounded half up to the fen.
    const preliminary = (b + 5n) / 10n
    const outside = PRICES.c * BigInt(packs.c)
    const inScope = PRICES.a * BigInt(packs.a) + b - preliminary
    const total = inScope + preliminary + outside
    const paid = { 'current-year-account': 0n, 'past-year-account': 0n, 'household-account': 0n }
    if (holder.household !== null) {
      paid['household-account'] = least(this.balance(holder, 'household-account'), inScope)
    } else {
      const current = least(this.balance(holder, 'current-year-account'), inScope)
      const own = this.paysPreliminaryShare ? preliminary : 0n
      const mutated = this.mutation === 'none' ? 0n : outside
      const left = inScope - current + own + mutated
      paid['current-year-account'] = current
      paid['past-year-account'] = least(this.balance(holder, 'past-year-account'), left)
    }
    const byAccounts = Object.values(paid).reduce((sum, fen) => sum + fen, 0n)
    return { ...paid, cash: total - byAccounts }
  }

  sell(holder: Holder, packs: Packs): Sale {
    const paid = this.split(holder, packs)
    this.move(holder, paid, -1n)
    return { holder, paid, undone: false }
  }

  /** Gives a sale back; false where that has happened already. */
  undo(sale: Sale): boolean {
    if (sale.undone) return false
    sale.undone = true
    this.move(sale.holder, sale.paid, 1n)
    return true
  }

  private move(holder: Holder, paid: Paid, sign: 1n | -1n): void {
    for (const account of ACCOUNTS) this.add(holder, account, sign * paid[account])
  }
}

export const ACCOUNTS = ['current-year-account', 'past-year-account', 'household-account'] as const
