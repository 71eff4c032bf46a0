import type en from "./en";

export default {
  lead: "ملفات للجداول والبرامج (CSV). تُحيَّد النصوص التي قد يعدّها الجدول صيغة.",
  visits: "المرضى في الطوابير الآن",
  visits_text: "كل الأقسام بترتيب النداء.",
  with_names: "مع الأسماء والشكاوى",
  with_names_hint: "بيانات شخصية: احفظ الملف حيث لا يقرؤه إلا من يلزم.",
  audit: "سجل التدقيق",
  audit_text: "من فعل ماذا مع موضعه في السلسلة. قد يحوي أسبابًا تذكر أشخاصًا.",
  staff: "الموظفون",
  staff_text: "كل الحسابات بأدوارها وأقسامها.",
  quality: "جودة الفرز",
  quality_text: "إجمالًا وحسب النموذج واليوم.",
  from: "من",
  to: "إلى",
  to_hint: "فارغ: حتى الآن",
  make: "حفظ بصيغة CSV",
  stop: "إيقاف",
  rows_so_far: "الصفوف حتى الآن: {count}",
  made: "حُفظ. الصفوف: {count}",
} satisfies Record<keyof typeof en, string>;
