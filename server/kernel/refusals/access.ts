/**
 * Refusals about who asks and how: overload, transport, signature, rights. In order of precedence.
 */
export const ACCESS_REFUSALS = {
  'server-busy': {
    number: 'E-SYS-001',
    retryable: true,
    zh: ['中心繁忙', '没有发生任何扣款', '稍候按原单号重试'],
    en: ['The centre is busy', 'no money moved', 'try again shortly with the same key'],
  },
  'database-unavailable': {
    number: 'E-SYS-002',
    retryable: true,
    zh: ['中心数据库暂时不可用', '结果未知,请勿当作失败', '系统会按原单号查询,请勿重复刷卡'],
    en: [
      'The database cannot be reached',
      'the outcome is unknown, do not take it for a failure',
      'the system asks again with the same key; do not swipe the card again',
    ],
  },
  'internal-error': {
    number: 'E-SYS-003',
    retryable: true,
    zh: ['中心内部错误', '结果未知,请勿当作失败', '按原单号查询结果,并把请求号报给中心'],
    en: [
      'An error on our side',
      'the outcome is unknown, do not take it for a failure',
      'ask with the same key; quote the request id to the centre',
    ],
  },
  'body-too-large': {
    number: 'E-REQ-101',
    retryable: false,
    zh: ['请求内容过大', '没有发生任何扣款', '减少明细行数后重新提交'],
    en: ['The request is too large', 'no money moved', 'send fewer lines'],
  },
  'syntax-invalid': {
    number: 'E-REQ-102',
    retryable: false,
    zh: ['请求不是完整有效的 JSON', '没有发生任何扣款', '检查收款端程序后重新提交'],
    en: [
      'The request is not complete, valid JSON',
      'no money moved',
      'correct the client and resend',
    ],
  },
  'not-found': {
    number: 'E-REQ-103',
    retryable: false,
    zh: ['没有这个地址或单据', '没有发生任何扣款', '核对单号'],
    en: ['There is no such address or document', 'no money moved', 'check the number'],
  },
  'signature-missing': {
    number: 'E-SIG-101',
    retryable: false,
    zh: ['请求没有终端签名', '没有发生任何扣款', '请使用已登记的终端'],
    en: ['The request carries no terminal signature', 'no money moved', 'use an enrolled terminal'],
  },
  'signature-invalid': {
    number: 'E-SIG-102',
    retryable: false,
    zh: ['终端签名不正确', '没有发生任何扣款', '请医保经办机构重新登记终端密钥'],
    en: [
      'The terminal signature is wrong',
      'no money moved',
      'have the agency enrol the terminal anew',
    ],
  },
  'signature-stale': {
    number: 'E-SIG-103',
    retryable: true,
    zh: ['终端时钟与中心相差过大', '没有发生任何扣款', '校准终端时钟后按原单号重试'],
    en: [
      'The terminal clock differs too much',
      'no money moved',
      'set the clock, retry with the same key',
    ],
  },
  'nonce-used': {
    number: 'E-SIG-104',
    retryable: true,
    zh: ['该签名已用过', '没有发生新的扣款', '重新签名,按原单号重试'],
    en: ['This signature was used before', 'no new money moved', 'sign anew, keep the same key'],
  },
  'rate-limited': {
    number: 'E-SYS-004',
    retryable: true,
    zh: ['该终端请求过于频繁', '没有发生任何扣款', '稍候按原单号重试'],
    en: ['This terminal asks too often', 'no money moved', 'wait, retry with the same key'],
  },
  'key-missing': {
    number: 'E-REQ-104',
    retryable: false,
    zh: ['缺少或不合格的幂等键', '没有发生任何扣款', '为本次操作生成单号后提交'],
    en: ['The Idempotency-Key is missing or malformed', 'no money moved', 'send a UUID key'],
  },
  'schema-invalid': {
    number: 'E-REQ-105',
    retryable: false,
    zh: ['字段不符合要求:{name}', '没有发生任何扣款', '改正后{again}'],
    en: ['A field is not as required: {name}', 'no money moved', 'correct it and {again}'],
  },
  'key-conflict': {
    number: 'E-REQ-106',
    retryable: false,
    zh: ['同一单号已用于另一内容', '原来的结果不变,没有新的扣款', '换一个新单号提交'],
    en: ['This key was used for another content', 'the first result stands', 'use a new key'],
  },
  'key-running': {
    number: 'E-REQ-107',
    retryable: true,
    zh: ['同一单号正在处理', '结果尚未确定', '稍候按原单号查询'],
    en: ['The first request with this key still runs', 'not decided yet', 'ask again shortly'],
  },
  'account-busy': {
    number: 'E-SYS-007',
    retryable: true,
    zh: [
      '该参保人的账户或药盒正在办理另一笔业务',
      '结果尚未确定,请勿当作失败',
      '稍候系统会按原单号再问,请勿重复刷卡',
    ],
    en: [
      'Account or pack are being used by another sale at this moment',
      'not decided yet, do not take it for a failure',
      'the system asks again shortly with the same key; do not swipe the card again',
    ],
  },
  'terminal-not-enrolled': {
    number: 'E-ORG-101',
    retryable: false,
    zh: ['终端未登记或已停用', '没有发生任何扣款', '联系医保经办机构'],
    en: ['The terminal is not enrolled or is retired', 'no money moved', 'call the agency'],
  },
  'terminal-unknown': {
    number: 'E-ORG-104',
    retryable: false,
    zh: ['没有登记过这个终端', '没有发生任何变动', '核对终端编号;新终端先办理入网'],
    en: ['No such terminal was ever enrolled', 'nothing changed', 'check its id, or enrol it'],
  },
  'institution-unknown': {
    number: 'E-ORG-105',
    retryable: false,
    zh: ['没有这个机构编码', '没有发生任何变动', '核对机构编码;新机构先导入机构资料'],
    en: ['There is no institution of this code', 'nothing changed', 'check it, or import it first'],
  },
  'operator-unknown': {
    number: 'E-ORG-102',
    retryable: false,
    zh: ['操作员不属于本机构或口令不符', '没有发生任何扣款', '重新登录'],
    en: [
      'The operator is not of this institution, or the PIN is wrong',
      'no money moved',
      'sign in again',
    ],
  },
  'not-permitted': {
    number: 'E-ORG-103',
    retryable: false,
    zh: ['没有办理此业务的权限', '没有发生任何扣款', '请有权限的人员办理'],
    en: ['You may not do this', 'no money moved', 'ask somebody who may'],
  },
} as const
