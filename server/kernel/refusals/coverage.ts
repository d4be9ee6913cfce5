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
  'card-pin-unreadable': {
    number: 'E-PIN-101',
    retryable: false,
    zh: [
      '密码密文无法识别:不是为此卡、此单号加密的',
      '没有发生任何扣款,不计密码次数',
      '请参保人重新输入密码',
    ],
    en: [
      'The PIN block does not open: it was not made for this card and this key',
      'no money moved, no try was counted',
      'have the holder enter the PIN again',
    ],
  },
  'card-pin-guessing': {
    number: 'E-SYS-020',
    retryable: true,
    zh: [
      '本终端密码错误次数过多',
      '没有发生任何扣款',
      '{retryAfterS} 秒后再试;如非本店操作,请联系经办机构',
    ],
    en: [
      'Too many wrong PINs from this terminal',
      'no money moved',
      'try again after {retryAfterS} s; if it was not you, call the agency',
    ],
  },
  'card-pin-locked': {
    number: 'E-PIN-102',
    retryable: false,
    zh: [
      '密码已连续输错三次,此卡已锁定',
      '没有发生任何扣款',
      '可自费购药;请持卡人带身份证到经办机构解锁',
    ],
    en: [
      'Three wrong PINs: this card is locked',
      'no money moved',
      'sell for cash; the holder has it unlocked at the agency',
    ],
  },
  'card-pin-missing': {
    number: 'E-PIN-103',
    retryable: false,
    zh: ['此卡设有密码,本次没有收到密码', '没有发生任何扣款', '请参保人输入密码后重新结算'],
    en: [
      'This card has a PIN, and none came with the request',
      'no money moved',
      'have the holder enter it and settle again',
    ],
  },
  'card-pin-wrong': {
    number: 'E-PIN-104',
    retryable: false,
    zh: ['密码错误,还可输入 {left} 次', '没有发生任何扣款', '请参保人重新输入密码'],
    en: [
      'The PIN is wrong; tries left: {left}',
      'no money moved',
      'have the holder enter it again',
    ],
  },
  'card-pin-invalid': {
    number: 'E-PIN-105',
    retryable: false,
    zh: ['密码应为六位数字,且不能过于简单', '没有发生任何变动', '请持卡人另设密码'],
    en: [
      'A PIN is six digits, and neither one digit six times nor a row',
      'nothing changed',
      'have the holder choose another one',
    ],
  },
  'card-pin-two-people': {
    number: 'E-PIN-106',
    retryable: false,
    zh: ['此业务须两名经办人员各自输入口令办理', '没有发生任何变动', '由另一名经办人员到场复核'],
    en: [
      'This takes two people of the agency, each with the own PIN',
      'nothing changed',
      'have a second one come and confirm it',
    ],
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
