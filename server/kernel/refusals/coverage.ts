/** Refusals about institution, card and coverage. In order of precedence. */
export const COVERAGE_REFUSALS = {
  'institution-without-agreement': {
    number: 'E-ORG-201',
    retryable: false,
    zh: ['本机构在 {on} 没有有效的定点协议', '医保不予结算', '可自费销售;联系经办机构'],
    en: [
      'No agreement in force on {on}',
      'insurance does not pay',
      'sell for cash; call the agency',
    ],
  },
  'institution-suspended': {
    number: 'E-ORG-202',
    retryable: false,
    zh: ['本机构自 {since} 起暂停医保结算', '医保不予结算', '可自费销售;联系经办机构'],
    en: [
      'Suspended from settling since {since}',
      'insurance does not pay',
      'sell for cash; call the agency',
    ],
  },
  'card-unknown': {
    number: 'E-CARD-101',
    retryable: false,
    zh: ['查无此卡或凭证', '没有发生任何扣款', '核对卡号,或改用身份证、电子凭证'],
    en: ['No such card or voucher', 'no money moved', 'check it, or use the ID number or voucher'],
  },
  'card-lost': {
    number: 'E-CARD-102',
    retryable: false,
    zh: ['此卡已于 {since} 挂失', '没有发生任何扣款', '勿收此卡刷卡;请持卡人到经办机构补卡'],
    en: [
      'This card was reported lost on {since}',
      'no money moved',
      'do not accept it; the holder goes to the agency for a new card',
    ],
  },
  'card-replaced': {
    number: 'E-CARD-103',
    retryable: false,
    zh: ['此卡已换发新卡', '没有发生任何扣款', '请使用新卡'],
    en: ['This card was replaced by a new one', 'no money moved', 'use the new card'],
  },
  'card-number-invalid': {
    number: 'E-CARD-106',
    retryable: false,
    zh: [
      '新卡号不正确:应为 7 开头的 18 位数字,末位为校验码',
      '没有发生任何变动,原卡照旧',
      '核对新卡卡面上的号码后重新办理',
    ],
    en: [
      'The new card number is wrong: 18 digits, the first a 7, the last a check digit',
      'nothing changed, the old card is as it was',
      'compare it with the new card and do it again',
    ],
  },
  'voucher-expired': {
    number: 'E-CARD-104',
    retryable: false,
    zh: ['电子凭证已过期', '没有发生任何扣款', '请参保人刷新电子凭证后重扫'],
    en: ['The electronic voucher has expired', 'no money moved', 'have it refreshed, scan again'],
  },
  'person-not-covered': {
    number: 'E-COV-101',
    retryable: false,
    zh: ['{on} 没有参保记录', '医保不予支付', '可自费购药;请到经办机构参保登记'],
    en: ['No coverage on {on}', 'insurance does not pay', 'sell for cash; register for coverage'],
  },
  'coverage-ended': {
    number: 'E-COV-102',
    retryable: false,
    zh: ['参保已于 {since} 终止', '医保不予支付', '可自费购药;请到经办机构查询'],
    en: ['Coverage ended on {since}', 'insurance does not pay', 'sell for cash; ask the agency'],
  },
  'coverage-arrears': {
    number: 'E-COV-103',
    retryable: false,
    zh: ['因欠费自 {since} 起冻结待遇', '医保不予支付', '可自费购药;补缴后恢复'],
    en: [
      'Frozen by arrears since {since}',
      'insurance does not pay',
      'sell for cash; restored once the arrears are paid',
    ],
  },
  'coverage-waiting': {
    number: 'E-COV-104',
    retryable: false,
    zh: ['仍在待遇等待期内,待遇起始日:{until}', '医保不予支付', '可自费购药;等待期满后享受待遇'],
    en: [
      'Still in the waiting period; first day of benefits: {until}',
      'insurance does not pay',
      'sell for cash; benefits begin after the waiting period',
    ],
  },
  'coverage-suspended': {
    number: 'E-COV-105',
    retryable: false,
    zh: ['待遇自 {since} 起暂停', '医保不予支付', '可自费购药;请到经办机构查询'],
    en: [
      'Benefits are suspended since {since}',
      'insurance does not pay',
      'sell for cash; ask the agency',
    ],
  },
  'identity-reason-missing': {
    number: 'E-CARD-105',
    retryable: false,
    zh: ['手工录入证件号须说明原因', '没有发生任何扣款', '填写原因后重试'],
    en: ['Typing an ID number needs a reason', 'no money moved', 'give the reason'],
  },
} as const
