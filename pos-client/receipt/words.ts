/** Words on paper. Receipts are Chinese; labels of payers and schemes are shared with the page. */
import type { Payer } from '../../server/kernel/words.ts'

/** Payers in the order of the receipt, by who stands behind them. */
export const PAYER_WORDS = {
  'pooling-fund': '统筹基金',
  'large-sum-fund': '大额医疗补助',
  'critical-illness-fund': '大病保险',
  'civil-servant-subsidy': '公务员补助',
  'medical-assistance': '医疗救助',
  'other-fund': '其他基金',
  'current-year-account': '个人账户(当年)',
  'past-year-account': '个人账户(历年)',
  'family-share': '共济账户',
  'household-account': '家庭账户',
  employer: '单位负担',
  institution: '机构承担',
  cash: '现金支付',
} as const satisfies Record<Payer, string>

export const FUNDS = [
  'pooling-fund',
  'large-sum-fund',
  'critical-illness-fund',
  'civil-servant-subsidy',
  'medical-assistance',
  'other-fund',
] as const satisfies readonly Payer[]

export const SCHEME_WORDS = { employee: '城镇职工', rural: '城乡居民(新农合)' } as const
export const SERVICE_WORDS = { pharmacy: '药店购药', outpatient: '普通门诊' } as const
export const CLASS_WORDS = { A: '甲', B: '乙', C: '丙' } as const
export const CATEGORY_WORDS: Readonly<Record<string, string>> = {
  active: '在职',
  retired: '退休',
  'resident-adult': '成年居民',
  student: '学生',
  infant: '婴幼儿',
}
export const ACCOUNT_WORDS: Readonly<Record<string, string>> = {
  'current-year-account': '当年账户余额',
  'past-year-account': '历年账户余额',
  'household-account': '家庭账户余额',
}
export const TITLE_WORDS = {
  settlement: '医保购药结算单',
  reversal: '医保购药结算单(红冲·撤销)',
  return: '医保购药结算单(红冲·退货)',
} as const
