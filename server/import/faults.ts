/** What can be wrong with a file or a row, in both languages, and the table of faults. */
import { writeFileSync } from 'node:fs'
import { stringify } from 'csv-stringify/sync'

export const FAULTS = {
  'cell-missing': { zh: '必填项为空', en: 'must be given' },
  'cell-form': {
    zh: '格式不对(位数、字符或长度不符合该列要求)',
    en: 'is not in the expected form',
  },
  'cell-too-long': { zh: '超过长度', en: 'is too long' },
  'cell-control-character': {
    zh: '含有看不见的控制字符,请删去后重新输入该格',
    en: 'holds an invisible control character; type the cell anew',
  },
  'cell-digits-lost': {
    zh: '表格软件已把号码存成数值,末位不可信;请将该列设为文本后重新导出',
    en: 'was stored as a number and lost digits; format the column as text and export again',
  },
  'row-width': {
    zh: '该行单元格多于表头(常因内容含逗号而未加引号)',
    en: 'has more cells than the header (a comma without quotes?)',
  },
  'choice-unknown': { zh: '不是允许的取值', en: 'is none of the allowed values' },
  'day-form': { zh: '不是日历上的日期(YYYY-MM-DD)', en: 'is no day of the calendar (YYYY-MM-DD)' },
  'day-in-future': { zh: '日期在未来', en: 'lies in the future' },
  'period-order': { zh: '止期不晚于起期', en: 'ends before it begins' },
  'amount-form': {
    zh: '不是金额(最多 9 位整数、6 位小数,不带符号和单位)',
    en: 'is no amount (up to 9 digits and 6 decimals, no sign, no unit)',
  },
  'money-form': {
    zh: '不是金额(元,最多两位小数,不带符号、逗号和单位)',
    en: 'is no amount of money (yuan, two decimals at most, no sign, comma or unit)',
  },
  'amount-zero': { zh: '金额为零', en: 'is zero' },
  'ratio-form': { zh: '不是 0 到 1 的比例', en: 'is no ratio from 0 to 1' },
  'share-missing': {
    zh: '乙类须有先行自付比例;文件未给出时用 --share-b 指定',
    en: 'class B needs a preliminary share; where the file has none, give --share-b',
  },
  'share-not-for-class': { zh: '先行自付比例与类别不符', en: 'does not fit the catalogue class' },
  'class-missing': {
    zh: '没有甲乙丙类别;可用 --class 指定',
    en: 'has no catalogue class; one may be given with --class',
  },
  'class-unknown-by-name': {
    zh: '已导入的国家目录中查无此药名,类别不明;可用 --class 指定',
    en: 'is in no list imported before, so its class is not known; --class may give one',
  },
  'class-ambiguous-by-name': {
    zh: '同名药品在目录中类别不一',
    en: 'stands in the list with several classes',
  },
  'limit-form': { zh: '限定条件无法识别', en: 'is no limit that can be read' },
  'institution-code-missing': {
    zh: '没有机构编码;可用 --provisional-codes 生成临时编码',
    en: 'has no institution code; --provisional-codes makes provisional ones',
  },
  'id-number-15-digits': {
    zh: '15 位身份证号(一代证)自 2013-01-01 起失效,须换 18 位号码',
    en: 'is a 15-digit number of the first generation, void since 2013-01-01; ask for 18 digits',
  },
  'id-number-form': { zh: '不是 18 位身份证号', en: 'is no identity number of 18 characters' },
  'id-number-check-digit': { zh: '校验位不对', en: 'has a wrong check digit' },
  'id-number-birth-day': { zh: '与出生日期不符', en: 'does not agree with the birth day' },
  'id-number-sex': { zh: '与性别不符', en: 'does not agree with the sex' },
  'category-not-for-scheme': { zh: '人员类别与险种不符', en: 'does not fit the scheme' },
  'tier-not-for-category': {
    zh: '成年居民须有 A/B 档,其他类别不填',
    en: 'is for adult residents, who need one, and nobody else',
  },
  'duplicate-in-file': { zh: '与本文件前面的行重复', en: 'repeats an earlier row of this file' },
  'duplicate-differs': {
    zh: '同一编码、同一起始日在本文件中出现两次而内容不同,无法判定以哪行为准,两行均不导入',
    en: 'stands twice in this file with different contents; neither row is taken',
  },
  'version-differs': {
    zh: '与库中同一起期的记录不同;确认更正用 --correct',
    en: 'differs from what is stored for the same day; --correct takes it over',
  },
  'version-overlaps': { zh: '与库中其他期间重叠', en: 'overlaps another stored period' },
  'version-known-fully': {
    zh: '库中已有更完整的记录,本文件内容较少,不覆盖',
    en: 'is stored with more than this file says, and is left as it is',
  },
  'version-used': {
    zh: '该记录所涉日期已有结算引用,不得改写;请把起始日改在最近结算日之后另起新版本,或先撤销有关结算',
    en: 'has been settled under since; begin a new version after that day, or reverse those first',
  },
  'holder-missing': {
    zh: '卡号和身份证号至少填一项',
    en: 'is needed, or else the identity number',
  },
  'person-unknown': {
    zh: '系统中没有此卡号或身份证号的参保人;请核对,或先导入参保人',
    en: 'is of nobody known here; check it, or import the persons first',
  },
  'household-missing': {
    zh: '此人没有家庭账户(未登记户号)',
    en: 'cannot be: this person belongs to no household',
  },
  'account-not-held': {
    zh: '此人没有这种账户:职工为当年、历年账户,居民为家庭账户;当年账户须今年参过保,未参保的没有账户',
    en:
      'cannot be of this person: employees hold current-year (if covered in it) and past-year ' +
      'accounts, residents the household’s, and nobody one who was never covered',
  },
  'credit-differs': {
    zh: '同一账户、同一事由在本文件中有两个不同金额,两行均不入账',
    en: 'differs between two rows of one account and reason; neither is credited',
  },
  'credited-otherwise': {
    zh: '该账户同一事由此前已按另一金额入账,不再入账;差额请以新的事由另行划入',
    en: 'was credited with another amount for this reason; credit the difference under a new one',
  },
  'credit-refused': {
    zh: '记账时被拒,未入账(余额超出上限,或账户一直被占用);请重新导入同一文件,仍不成请报管理员',
    en: 'was refused by the books and not credited; import the file again, then ask',
  },
  'county-differs': { zh: '与乡镇编码前六位不符', en: 'is not the beginning of the town code' },
  'institution-unknown': {
    zh: '系统中没有该机构编码;请先导入机构',
    en: 'is no institution known here; import the institutions first',
  },
  'item-unknown': {
    zh: '医保目录中没有该编码;请核对对照,或先导入目录',
    en: 'is no item of the catalogue; check the mapping, or import the catalogue first',
  },
  'item-not-in-force': {
    zh: '该目录项目在此价格的有效期内从未生效',
    en: 'is not in force on any day of this price',
  },
  'card-of-another-person': { zh: '该卡号属于他人', en: 'belongs to another person' },
  'card-active-already': {
    zh: '此人已有有效卡;换卡请走补卡',
    en: 'has another active card; reissue it instead',
  },
} as const satisfies Record<string, { readonly zh: string; readonly en: string }>

export type FaultCode = keyof typeof FAULTS
export type RowFault = {
  readonly rowNo: number
  readonly column: string
  readonly code: FaultCode
  /** The cell as it stood; never for personal data. */
  readonly value: string | null
}

/** A file that cannot be read as a table at all. */
export class ImportFileError extends Error {
  readonly zh: string
  constructor(zh: string, en: string) {
    super(en)
    this.zh = zh
  }
}

/**
 * Writes the faults as a table. Cells that a spreadsheet would take for a formula get an
 * apostrophe in front; the mark at the beginning tells a spreadsheet that this is UTF-8.
 */
export function writeFaults(file: string, faults: readonly RowFault[]): void {
  const rows = faults.map(({ rowNo, column, code, value }) => {
    const { zh, en } = FAULTS[code]
    return [String(rowNo), column, zh, value ?? '', en, code]
  })
  const header = ['行号', '列', '问题', '内容', 'problem', 'code']
  const text = stringify([header, ...rows], { bom: true, escape_formulas: true })
  writeFileSync(file, text, { mode: 0o600 })
}
