/**
 * What the cashier reads when something is not as hoped: what · money · next · number, in both
 * languages. Made of the centre's problem documents and of the till's own list.
 */
import { AnyProblem } from '../../server/contract/common.ts'
import {
  REFUSALS,
  type Refusal,
  type RefusalSentence,
  refusalSentence,
} from '../../server/kernel/refusal.ts'

export type Notice = {
  readonly code: string
  readonly number: string
  readonly zh: RefusalSentence
  readonly en: RefusalSentence
  /** Request to quote to the centre, where the notice came from there. */
  readonly requestId: string | null
}

/** What the till itself has to say; numbers begin with T. */
const TILL_NOTICES = {
  'centre-unreached': {
    number: 'T-NET-101',
    zh: ['连不上中心', '没有发送,没有发生任何扣款', '检查网络后重试;急需时可自费销售'],
    en: ['The centre cannot be reached', 'nothing was sent, no money moved', 'check the network'],
  },
  'centre-silent': {
    number: 'T-NET-102',
    zh: ['中心没有应答', '查询类操作不涉及扣款', '稍候重试'],
    en: ['The centre did not answer', 'a question moves no money', 'try again shortly'],
  },
  'answer-unreadable': {
    number: 'T-NET-103',
    zh: ['中心的应答无法识别', '结果以中心记录为准', '联系医保经办机构'],
    en: ["The centre's answer cannot be read", "the centre's books stand", 'call the agency'],
  },
  'outcome-unknown': {
    number: 'T-NET-104',
    zh: ['结果未知', '可能已扣款,请勿重复刷卡', '正在向中心查询,请稍候'],
    en: ['The outcome is unknown', 'money may have moved; do not sell again', 'the till is asking'],
  },
  'terminal-changed': {
    number: 'T-NET-105',
    zh: [
      '这笔交易由本机原来的终端发出,结果未定',
      '可能已扣款,请勿重复收费',
      '中心有结果时自动显示;没有结果的,请冲正后再重新结算',
    ],
    en: [
      'The former terminal of this machine made this; its outcome is open',
      'money may have moved; do not charge again',
      'the till asks the centre; where nothing is found, compensate it, then settle anew',
    ],
  },
  'journal-unwritable': {
    number: 'T-DSK-101',
    zh: ['本机磁盘写入失败', '没有发送,没有发生任何扣款', '检查磁盘空间后重试'],
    en: ['The disk took no record', 'nothing was sent, no money moved', 'check the disk'],
  },
  'not-signed-in': {
    number: 'T-USR-101',
    zh: ['尚未签到或已签退', '没有发生任何扣款', '请先签到'],
    en: ['Nobody is signed in', 'no money moved', 'sign in first'],
  },
  'person-missing': {
    number: 'T-USR-102',
    zh: ['尚未识别参保人', '没有发生任何扣款', '按 F3 刷卡、扫码或录入证件'],
    en: ['No person is identified', 'no money moved', 'press F3 and swipe the card'],
  },
  'confirmation-unknown': {
    number: 'T-USR-103',
    zh: ['该确认已失效', '没有发生任何扣款', '重新按 F12 确认'],
    en: ['This confirmation no longer holds', 'no money moved', 'press F12 again'],
  },
  'item-unknown-here': {
    number: 'T-CAT-101',
    zh: ['本机目录中没有该项目', '没有发生任何扣款', '等待目录更新,或核对编码'],
    en: ['The till knows no such item', 'no money moved', 'wait for the catalogue or check it'],
  },
  'input-invalid': {
    number: 'T-INP-101',
    zh: ['输入不符合要求', '没有发生任何扣款', '改正后重试'],
    en: ['The input is not as required', 'no money moved', 'correct it and try again'],
  },
  'codes-not-one-each': {
    number: 'T-INP-102',
    zh: ['追溯码个数与包装数不符', '没有登记任何追溯码', '每个包装扫一个码'],
    en: ['Not one code for each pack', 'no code was recorded', 'scan one code for each pack'],
  },
  'key-not-in-file': {
    number: 'T-KEY-101',
    zh: ['终端密钥不在终端文件中', '密钥没有变动', '在给出环境变量的地方更换'],
    en: ['The key is not in a terminal file', 'no key changed', 'change it where it is set'],
  },
  'key-change-open': {
    number: 'T-KEY-102',
    zh: ['更换密钥的结果未知', '新旧密钥都已保存,收银不受影响', '稍候再次执行 rotate-key'],
    en: [
      'The change of key is open',
      'both keys are kept; selling goes on',
      'run rotate-key again',
    ],
  },
  'origin-foreign': {
    number: 'T-SEC-101',
    zh: ['请求不是来自收款页面', '没有发生任何扣款', '请从收款页面操作'],
    en: ["The request is not from the till's page", 'no money moved', "use the till's page"],
  },
  'receipt-sums-differ': {
    number: 'T-PRN-101',
    zh: ['单据金额核对不符,不予打印', '结算结果以中心记录为准', '把结算单号报给经办机构'],
    en: ['The sums of the document differ', "the centre's books stand", 'report the number'],
  },
  'document-unknown': {
    number: 'T-DOC-101',
    zh: ['没有找到该单据', '没有发生任何变动', '核对单号或日期'],
    en: ['There is no such document', 'nothing changed', 'check number and day'],
  },
} as const satisfies Record<string, { number: string; zh: RefusalSentence; en: RefusalSentence }>
export type TillNoticeCode = keyof typeof TILL_NOTICES
export const TILL_NOTICE_CODES = Object.keys(TILL_NOTICES) as TillNoticeCode[]

export const tillNotice = (code: TillNoticeCode): Notice => ({
  code,
  ...TILL_NOTICES[code],
  requestId: null,
})

export const noticeOfProblem = (problem: AnyProblem): Notice => ({
  code: problem.code,
  number: problem.number,
  zh: [problem.title, problem.moneyEffect, problem.nextStep],
  en: [problem.en.title, problem.en.moneyEffect, problem.en.nextStep],
  requestId: problem.requestId,
})

/** What the till knows the centre would refuse, in the centre's own words. */
export const noticeOfRefusal = (given: Refusal): Notice => ({
  code: given.code,
  number: REFUSALS[given.code].number,
  zh: refusalSentence(given, 'zh'),
  en: refusalSentence(given, 'en'),
  requestId: null,
})

/** JSON text as a value; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The centre's problem document, or null where the text is none. */
export function problemIn(text: string | null): AnyProblem | null {
  const parsed = AnyProblem.safeParse(text === null ? null : jsonOf(text))
  return parsed.success ? parsed.data : null
}
