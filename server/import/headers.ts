/** Chinese headers of our own layouts; every other header is compared as it stands. */
import type { Subject } from './profile.ts'

const CHINESE: Readonly<Record<string, string>> = {
  身份证号: 'id_number',
  姓名: 'name',
  性别: 'sex',
  出生日期: 'birth_day',
  电话: 'phone',
  地址: 'address',
  户号: 'household_number',
  乡镇街道: 'town',
  险种: 'scheme',
  人员类别: 'category',
  档次: 'tier',
  公务员: 'civil_servant',
  救助身份: 'assistance',
  参保状态: 'coverage_status',
  参保起始日: 'coverage_from',
  参保终止日: 'coverage_last_day',
  卡号: 'card_number',
  发卡日: 'card_issued_on',
  机构编码: 'code',
  机构名称: 'name',
  机构类别: 'kind',
  机构等级: 'level',
  等次: 'tier',
  社区机构: 'community',
  协议起始日: 'agreement_from',
  协议终止日: 'agreement_last_day',
  目录编码: 'code',
  通用名: 'generic_name',
  商品名: 'brand_name',
  剂型: 'dosage_form',
  规格: 'spec',
  包装单位: 'pack_unit',
  最小单位: 'split_unit',
  包装数量: 'units_per_pack',
  生产企业: 'manufacturer',
  类别: 'class',
  先行自付比例: 'preliminary_ratio',
  限价: 'price_ceiling',
  单价: 'unit_price',
  处方: 'prescription',
  批准文号: 'approval_number',
  条形码: 'barcode',
  有效起始日: 'valid_from',
  有效终止日: 'valid_last_day',
  失效日: 'valid_until',
}

/** Where a header means something of its own in the files of one subject. */
const OF_SUBJECT: { readonly [S in Subject]?: Readonly<Record<string, string>> } = {
  balances: {
    账户: 'account',
    账户类别: 'account',
    金额: 'amount',
    事由: 'reason',
  },
  diagnoses: {
    诊断编码: 'code',
    疾病编码: 'code',
    诊断名称: 'name',
    疾病名称: 'name',
    版本: 'edition',
    类别: 'kind',
    备注: 'note',
  },
  towns: {
    乡镇编码: 'street_code',
    乡镇街道: 'street_name',
    区县编码: 'county_code',
    区县: 'county_name',
    地市: 'city_name',
  },
  prices: {
    机构编码: 'institution_code',
    机构目录编码: 'local_code',
    院内编码: 'local_code',
    目录编码: 'item_code',
    医保目录编码: 'item_code',
    机构目录名称: 'local_name',
    院内名称: 'local_name',
  },
}

export const knownHeader = (header: string, subject: Subject): string =>
  OF_SUBJECT[subject]?.[header] ?? CHINESE[header] ?? header

const byColumn = (headers: Readonly<Record<string, string>>): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const [header, column] of Object.entries(headers)) {
    found.set(column, [...(found.get(column) ?? []), header])
  }
  return found
}

/** The Chinese headers of each column in the files of one subject; its own before general ones. */
export const chineseHeaders = (subject: Subject): ReadonlyMap<string, readonly string[]> =>
  new Map([...byColumn(CHINESE), ...byColumn(OF_SUBJECT[subject] ?? {})])
