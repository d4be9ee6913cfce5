/** Refusals about the claim, its lines and documents. In order of precedence. */
export const CLAIM_REFUSALS = {
  'original-not-found': {
    number: 'E-DOC-101',
    retryable: false,
    zh: ['查无此结算单', '没有发生任何扣款', '核对结算单号'],
    en: ['No such settlement', 'no money moved', 'check the settlement number'],
  },
  'compensated-before': {
    number: 'E-DOC-102',
    retryable: false,
    zh: ['该单号已被冲正,原交易不再受理', '没有发生任何扣款', '用新单号重新结算'],
    en: ['This key was compensated before it came', 'no money moved', 'settle under a new key'],
  },
  'already-reversed': {
    number: 'E-DOC-103',
    retryable: false,
    zh: ['该结算单已撤销', '没有新的退款', '无需再办理'],
    en: ['This settlement was reversed already', 'no further money moved', 'nothing to do'],
  },
  'reversal-after-return': {
    number: 'E-DOC-104',
    retryable: false,
    zh: ['该结算单已有退货,不能整单撤销', '没有发生退款', '其余明细请办理退货'],
    en: ['A settlement with a return cannot be reversed', 'no money moved', 'return the rest'],
  },
  'return-exceeds-sale': {
    number: 'E-DOC-105',
    retryable: false,
    zh: ['第 {line} 行退货数量超过可退数量 {left}', '没有发生退款', '改正数量后重试'],
    en: ['Line {line}: only {left} can be returned', 'no money moved', 'correct the quantity'],
  },
  'return-line-unknown': {
    number: 'E-DOC-106',
    retryable: false,
    zh: ['原结算单没有第 {line} 行', '没有发生退款', '核对行号'],
    en: ['The settlement has no line {line}', 'no money moved', 'check the line number'],
  },
  'return-trace-code-unknown': {
    number: 'E-DOC-107',
    retryable: false,
    zh: ['退货追溯码不属于原结算单第 {line} 行', '没有发生退款', '核对药盒与结算单'],
    en: ['The trace code is not of line {line}', 'no money moved', 'compare pack and receipt'],
  },
  'policy-missing': {
    number: 'E-POL-101',
    retryable: false,
    zh: ['{on} 没有适用的待遇政策', '医保不予结算', '联系经办机构'],
    en: ['No policy is in force on {on}', 'insurance does not pay', 'call the agency'],
  },
  'policy-faulty': {
    number: 'E-POL-102',
    retryable: false,
    zh: [
      '政策文件有误,未发布;有误之处:{faults}',
      '没有发生任何变动',
      '按英文一栏的逐条说明改正文件后重新发布',
    ],
    en: [
      'The policy document is faulty and was not published: {faults}',
      'nothing changed',
      'correct it as told and publish it again',
    ],
  },
  'policy-known': {
    number: 'E-POL-103',
    retryable: false,
    zh: [
      '此政策文件已于 {at} 发布过,同一文本不再发布',
      '没有发生任何变动',
      '如需恢复旧规定,请在 note 中写明原因后发布新文本',
    ],
    en: [
      'This very text was published at {at}; a text is published once',
      'nothing changed',
      'to go back to it, say why in a note and publish the new text',
    ],
  },
  'line-number-repeated': {
    number: 'E-CLM-113',
    retryable: false,
    zh: [
      '行号 {line} 出现了两次',
      '没有发生任何变动',
      '每行用不同的行号,或合并为一行后用新单号提交',
    ],
    en: ['Two lines bear the number {line}', 'nothing changed', 'number each, or join them'],
  },
  'item-unknown': {
    number: 'E-CLM-101',
    retryable: false,
    zh: ['第 {line} 行的项目不在目录中', '没有发生任何扣款', '核对编码,或按自费项目销售'],
    en: [
      'Line {line}: the item is not in the catalogue',
      'no money moved',
      'check the code, or sell for cash',
    ],
  },
  'item-expired': {
    number: 'E-CLM-102',
    retryable: false,
    zh: ['第 {line} 行的项目在 {on} 已失效', '没有发生任何扣款', '更新目录后改用现行编码'],
    en: ['Line {line}: the item is not valid on {on}', 'no money moved', 'use the present code'],
  },
  'item-not-mapped': {
    number: 'E-CLM-103',
    retryable: false,
    zh: ['第 {line} 行的项目本机构未对照', '没有发生任何扣款', '先办理目录对照'],
    en: ['Line {line}: not mapped by this institution', 'no money moved', 'map the item first'],
  },
  'quantity-invalid': {
    number: 'E-CLM-104',
    retryable: false,
    zh: ['第 {line} 行的数量须大于零、不超过 {max},小数位不得过多', '没有发生任何扣款', '改正数量'],
    en: [
      'Line {line}: a quantity above zero, at most {max}, without excess decimals',
      'no money moved',
      'correct it',
    ],
  },
  'quantity-not-whole': {
    number: 'E-CLM-114',
    retryable: false,
    zh: [
      '第 {line} 行带追溯码,数量须为整数,不能是 {quantity}',
      '没有发生任何变动',
      '按整盒填写;拆零的按整个最小单位填写',
    ],
    en: [
      'Line {line} is sold by trace code: {quantity} is no whole number of packs or units',
      'nothing changed',
      'give whole packs, or whole units of a split pack',
    ],
  },
  'price-invalid': {
    number: 'E-CLM-105',
    retryable: false,
    zh: [
      '第 {line} 行的单价不合理:本机构价目为每{pack} {listed} 元',
      '没有发生任何扣款',
      '改正单价;价目有误的,先报送价目',
    ],
    en: [
      'Line {line}: the price is not plausible; the price list says {listed} yuan a pack',
      'no money moved',
      'correct it, or have the price list corrected',
    ],
  },
  'line-amount-differs': {
    number: 'E-CLM-106',
    retryable: false,
    zh: ['第 {line} 行金额应为 {expected}', '没有发生任何扣款', '按单价乘数量改正'],
    en: ['Line {line}: the amount should be {expected}', 'no money moved', 'price × quantity'],
  },
  'total-differs': {
    number: 'E-CLM-107',
    retryable: false,
    zh: ['合计应为 {expected}', '没有发生任何扣款', '核对各行金额'],
    en: ['The total should be {expected}', 'no money moved', 'check the lines'],
  },
  'service-kind-not-offered': {
    number: 'E-CLM-108',
    retryable: false,
    zh: ['本机构不能办理此类医疗类别', '没有发生任何扣款', '改选医疗类别'],
    en: ['This institution does not offer that kind of service', 'no money moved', 'change it'],
  },
  'item-outside-limit': {
    number: 'E-CLM-109',
    retryable: false,
    zh: ['第 {line} 行超出限定支付范围:{limit}', '没有发生任何扣款', '移除该行或按自费销售'],
    en: ['Line {line} is covered only {limit}', 'no money moved', 'remove or sell for cash'],
  },
  'batch-expired': {
    number: 'E-CLM-112',
    retryable: false,
    zh: ['第 {line} 行药品的有效期至 {on},已过期', '没有发生任何扣款', '勿出售;换未过期的批次'],
    en: [
      'Line {line}: the goods expired after {on}',
      'no money moved',
      'do not sell them; take a batch that is good',
    ],
  },
  'trace-code-missing': {
    number: 'E-TRC-101',
    retryable: false,
    zh: [
      '第 {line} 行缺少追溯码:需 {needed} 个,已有 {given} 个',
      '没有发生任何扣款',
      '扫描药盒上的追溯码',
    ],
    en: ['Line {line}: {needed} trace codes needed, {given} given', 'no money moved', 'scan them'],
  },
  'trace-code-invalid': {
    number: 'E-TRC-102',
    retryable: false,
    zh: ['第 {line} 行的追溯码不是 20 位有效码', '没有发生任何扣款', '重新扫描'],
    en: ['Line {line}: not a valid 20-digit trace code', 'no money moved', 'scan again'],
  },
  'trace-code-repeated': {
    number: 'E-TRC-103',
    retryable: false,
    zh: ['同一追溯码在本单中出现两次', '没有发生任何扣款', '删除重复的药盒'],
    en: ['The same trace code stands twice in this sale', 'no money moved', 'remove one'],
  },
  'trace-code-sold': {
    number: 'E-TRC-104',
    retryable: false,
    zh: ['追溯码尾号 {tail} 已于 {soldAt} 售出', '没有发生任何扣款', '勿出售此盒;报告经办机构'],
    en: [
      'Trace code …{tail} was sold at {soldAt}',
      'no money moved',
      'keep this pack back; report it',
    ],
  },
  'trace-code-not-returnable': {
    number: 'E-TRC-105',
    retryable: false,
    zh: [
      '追溯码尾号 {tail} 不是本机构如此自费售出的,或已退回',
      '没有发生任何变动',
      '核对药盒;医保结算的药品按原结算单退货',
    ],
    en: [
      'Trace code …{tail} was not sold so without insurance here, or is back already',
      'nothing changed',
      'check the pack; what was settled goes back by its settlement',
    ],
  },
  'service-day-invalid': {
    number: 'E-CLM-110',
    retryable: false,
    zh: ['就诊日期 {on} 不在可受理范围', '没有发生任何扣款', '核对日期'],
    en: ['The service day {on} cannot be accepted', 'no money moved', 'check the date'],
  },
  'position-moved': {
    number: 'E-SYS-005',
    retryable: true,
    zh: ['该参保人的账户正被其他终端使用', '没有发生任何扣款', '稍候按原单号重试'],
    en: ['The account is in use elsewhere', 'no money moved', 'retry with the same key'],
  },
  'constraint-refused': {
    number: 'E-SYS-006',
    retryable: false,
    zh: ['中心账务校验未通过', '没有发生任何扣款', '把请求号报给中心'],
    en: ['The books refused this posting', 'no money moved', 'quote the request id to the centre'],
  },
  'amount-invalid': {
    number: 'E-CLM-111',
    retryable: false,
    zh: ['金额必须大于零', '没有发生任何变动', '改正金额'],
    en: ['The amount must be above zero', 'nothing changed', 'correct it'],
  },
  'compensation-not-offered': {
    number: 'E-DOC-109',
    retryable: false,
    zh: [
      '{operation}不能冲正',
      '原业务的结果不变',
      '用原单号、原内容再发一次,中心会给出原来的结果',
    ],
    en: [
      'A {operation} cannot be compensated',
      'its outcome stands',
      'send the same key and body again: the centre gives the first answer',
    ],
  },
  'account-not-held': {
    number: 'E-ACC-101',
    retryable: false,
    zh: ['该参保人没有{account}可以划入', '没有入账', '核对险种与账户;未参保的先办理参保登记'],
    en: ['The person holds no {account}', 'nothing was credited', 'check scheme and account'],
  },
  'operation-not-possible': {
    number: 'E-DOC-108',
    retryable: false,
    zh: ['当前状态不能办理:{state}', '没有发生任何变动', '核对当前状态'],
    en: ['Not possible in the present state: {state}', 'nothing changed', 'check the state'],
  },
} as const
