/**
 * One word, one meaning (server/glossary.md). A word is refused as an identifier for the concept of
 * its row; a preview of a file import may be called preview, a presettlement may not.
 */
import { type Finding, lineAt, type SourceFile, walk } from './source-files.ts'

type Word = {
  /** Matched against identifiers in camelCase: `medical_aid` is read as `medicalAid`. */
  readonly banned: RegExp
  readonly use: string
  readonly concept: string
  /** Where the word means something else. */
  readonly except?: RegExp
}

export const WORDS: readonly Word[] = [
  { concept: '待遇核定', banned: /^(re)?calc([A-Z]|$)|Calc([A-Z]|$)/, use: 'adjudicate' },
  { concept: '待遇核定', banned: /reimburse/i, use: 'adjudicate, or the payer by name' },
  {
    concept: '预结算',
    banned: /(preview|trial)(Settle|Claim|Sale)|(settle|settlement|claim|sale)(Preview|Trial)/i,
    use: 'presettleClaim, presettlement',
  },
  {
    concept: '结算',
    banned: /checkout|^(make|create|do|process)Payment|payment(Line|Lines|Key)$/i,
    use: 'settleClaim, settlement',
  },
  { concept: '结算撤销', banned: /refund/i, use: 'reverseSettlement, or return for 退货' },
  {
    concept: '结算撤销',
    banned: /rollback|rolledBack/i,
    use: 'reverseSettlement',
    except: /^(db|server\/store|test)\//,
  },
  {
    concept: '结算撤销',
    banned: /cancel(l?ed)?(Settlement|Claim|Sale)|(settlement|claim|sale)Cancel/i,
    use: 'reverseSettlement',
  },
  {
    concept: '冲正',
    banned: /reverse(d)?Message|messageRevers/i,
    use: 'compensateMessage, compensation',
  },
  {
    concept: '参保',
    banned: /insurancePlan|insurance(Status|Period|State)$|^planId$/i,
    use: 'coverage',
  },
  { concept: '待遇', banned: /treatment/i, use: 'benefit' },
  {
    concept: '目录',
    banned: /(drug|item|service|material|medical)(Directory|List)Class|(drug|medical)Directory/i,
    use: 'catalogue, catalogueClass',
  },
  {
    concept: '医疗费总额',
    banned: /^(total|claim|expense)(Sum|Price)$|^(sum|price)Total$/i,
    use: 'totalExpense',
  },
  {
    concept: '全自费',
    banned: /^self_?Pay(s|ing|ment|Amount|Total|Expense|Fen)?$/i,
    use: 'outsideScope',
  },
  { concept: '先行自付', banned: /copay(?!ment)/i, use: 'preliminaryShare' },
  {
    concept: '符合政策范围',
    banned: /(eligible|valid)(Amount|Expense|Fee|Fen|Part|Total)$/i,
    use: 'inScope',
  },
  {
    concept: '起付线',
    banned: /(deductible|pay|payment|fund)Threshold|threshold(Amount|Fen|Line)$/i,
    use: 'deductible',
  },
  {
    concept: '封顶线',
    banned: /(yearly|annual|pooling|fund|benefit)(Limit|Cap)$|^(limit|cap)(Yearly|Annual|PerYear)/i,
    use: 'ceilingYearly, ceilingPerVisit',
  },
  {
    concept: '统筹基金',
    banned: /^(pool|insurance)(Pays?|Paid|Share|Part|Amount)$/i,
    use: 'poolingFundPays',
  },
  { concept: '个人账户', banned: /wallet/i, use: 'account (current-year, past-year, household)' },
  {
    concept: '医疗救助',
    banned: /medicalAid|^aid(Pays?|Paid|Amount|Share)?$/i,
    use: 'medicalAssistance',
  },
  {
    concept: '个人现金',
    banned: /^(patient|person|personal)(Pays?|Paid)(Cash)?$/i,
    use: 'cashPays',
  },
  { concept: '对账', banned: /^(check|match)(Statements?|Books)$/i, use: 'reconcile' },
  { concept: '清算', banned: /clearing(Settlement|Settle)/i, use: 'clearing' },
  {
    concept: '定点医药机构',
    banned: /provider/i,
    use: 'institution',
    // The catalogue of PostgreSQL has locale providers.
    except: /^(db|test)\//,
  },
  {
    concept: '定点医药机构',
    banned: /^hospital(Id|Code|No|Number|s)$/i,
    use: 'institution (hospital is one kind of it)',
  },
]

/** Field names of the national interface; they are translated in server/nhsa and stop there. */
const NATIONAL_FIELDS = [
  'psn_(no|name|type|cert_type|part_amt|cash_pay|pay|setlway|insu_stas|idet_type)',
  '(mdtrt|setl|medins_setl|init_setl)_id|setl_(time|type|optins|proc_info)',
  'mdtrt_cert_(type|no)|mdtrtarea_admvs|mdtrt_sn|insuplc_admdvs|insu_admdvs|insutype',
  'fixmedins_(code|name|bchno|hilist_id|hilist_name|type|setl_cnt)',
  'medfee_sumamt|det_item_fee_sumamt|feedetl_sn|fee_ocur_time|chrg_bchno',
  'fulamt_ownpay_amt|overlmt_selfpay|overlmt_amt|preselfpay_amt|inscp_scp_amt',
  'act_pay_dedc|crt_dedc|crt_payb_lmt_amt|pool_prop_selfpay|selfpay_prop|pric_uplmt_amt',
  'hifp_pay|hifmi_pay|hifob_pay|hifes_pay|hifdm_pay|maf_pay|cvlserv_(pay|flag)|oth_pay',
  'fund_pay_(sumamt|type|type_name)|fund_payamt|hosp_part_amt|cash_payamt',
  'acct_(pay|mulaid_pay|used_flag)|balc|clr_(type|way|optins)|stmt_(rslt|begndate|enddate)',
  'med_(type|list_codg|chrgitm_type)|medins_list_(codg|name)|hilist_(code|name)|chrgitm_lv',
  'dise_(codg|name)|diag_srt_no|gend|naty|brdy|begntime|begndate|refd_setl_flag|invono',
  'drug_trac_codg|drugtracinfo|trdn_flag|rtal_docno|stoout_no|omsgid|oinfno|infno|msgid',
].join('|')
const NATIONAL = new RegExp(`(?<![A-Za-z0-9_])(${NATIONAL_FIELDS})(?![A-Za-z0-9_])`, 'g')
const NATIONAL_HOME = /^(server|test)\/nhsa\/|^fixtures\/nhsa-messages\/|^test\/architecture\//

/** Names that say nothing about their content (a file, a type, a function, a class). */
const EMPTY_NAME = /(^|[a-z-])([Mm]anager|[Hh]elpers?|[Uu]tils?|[Pp]rocessor|Info)(\.tsx?)?$/
const DECLARATION =
  /^(FunctionDeclaration|ClassDeclaration|TSTypeAliasDeclaration|TSInterfaceDeclaration)$/

const camelCase = (name: string): string =>
  name.replace(/_+([A-Za-z])/g, (_, letter: string) => letter.toUpperCase())

const wordFor = (path: string, name: string): Word | undefined =>
  WORDS.find(({ banned, except }) => banned.test(camelCase(name)) && except?.test(path) !== true)

const wordAdvice = (name: string, { concept, use }: Word): string =>
  `${name}: for ${concept} the word is ${use} (server/glossary.md)`

function identifierFindings({ path, text, program }: SourceFile): Finding[] {
  const found: Finding[] = []
  walk(program, (node) => {
    const named = /^(JSX)?Identifier$|^PrivateIdentifier$/.test(node.type)
    const name = named ? String(node.name) : ''
    const word = name === '' ? undefined : wordFor(path, name)
    const line = word === undefined ? 0 : lineAt(text, node.start)
    if (word !== undefined) found.push({ path, line, advice: wordAdvice(name, word) })
    if (!DECLARATION.test(node.type)) return
    const declared = String((node.id as { name: string } | null)?.name ?? '')
    if (!EMPTY_NAME.test(declared)) return
    const advice = `${declared}: say what it does or holds, verb and object or a noun`
    found.push({ path, line: lineAt(text, node.start), advice })
  })
  return found
}

/** Banned words in a TypeScript file: its name, its identifiers, its declarations. */
export function vocabularyFindings(file: SourceFile): Finding[] {
  const fileName = file.path.split('/').at(-1) ?? ''
  const stem = fileName.replace(/\..*$/, '').replace(/-([a-z])/g, (_, c: string) => c.toUpperCase())
  const word = wordFor(file.path, stem)
  const found: Finding[] = []
  if (word !== undefined) {
    found.push({ path: file.path, line: 1, advice: wordAdvice(fileName, word) })
  }
  if (EMPTY_NAME.test(fileName)) {
    const advice = `${fileName}: name the file after its subject`
    found.push({ path: file.path, line: 1, advice })
  }
  return [...found, ...identifierFindings(file)]
}

/** Banned words among the names of an SQL file; comments and texts are left out. */
export function sqlVocabularyFindings(path: string, text: string): Finding[] {
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ')
  const code = text.replace(/--.*|'(?:[^']|'')*'|\/\*[\s\S]*?\*\//g, blank)
  return [...code.matchAll(/[A-Za-z_]\w*/g)].flatMap(({ 0: name, index }) => {
    const word = wordFor(path, name)
    return word === undefined
      ? []
      : [{ path, line: lineAt(text, index), advice: wordAdvice(name, word) }]
  })
}

/** National field names outside the translation; in any text, comments and strings included. */
export function nationalNameFindings(path: string, text: string): Finding[] {
  if (NATIONAL_HOME.test(path)) return []
  return [...text.matchAll(NATIONAL)].map(({ 0: name, index }) => ({
    path,
    line: lineAt(text, index),
    advice: `${name} is a national field name: it stops at server/nhsa; use the glossary's word`,
  }))
}
