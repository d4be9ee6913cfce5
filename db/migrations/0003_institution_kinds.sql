-- 专科医院 and 社区卫生服务站 are kinds of their own. Rows that were entered as the nearest kind keep it
-- until they are corrected by an import: which of them were meant cannot be told from the table.
ALTER TABLE "institution" DROP CONSTRAINT "institution_kind_known";--> statement-breakpoint
ALTER TABLE "institution" ADD CONSTRAINT "institution_kind_known" CHECK ("institution"."kind" in ('pharmacy', 'hospital', 'tcm-hospital', 'specialist-hospital',
        'community-centre', 'community-station', 'village-clinic', 'clinic'));
