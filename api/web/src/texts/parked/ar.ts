import type en from "./en";

export default {
  lead: "تُحفظ هنا كاملةً الرسائل التي تعذّرت معالجتها، ولا تسري من تلقاء نفسها.",
  state: "الحالة",
  state_parked: "بانتظار قرار",
  state_redriven: "أُعيد إرسالها",
  state_dropped: "مُهملة",
  parked_at: "وُضع جانبًا",
  reason: "السبب",
  subject: "الموضوع",
  place: "الموضع في التدفق",
  inspect: "فحص",
  none_parked: "لا شيء معلّق",
  none_parked_text: "هكذا ينبغي أن يكون.",
  none: "لا شيء",
  one_title: "أمر معلّق",
  command: "الأمر",
  decided: "تقرّر",
  decide: "القرار",
  decide_text:
    "إعادة الإرسال أو الإهمال تمسّ مريضًا، لذا يقوم بها مشغّل على الخادم. اكتب هناك أحد هذين مع السبب:",
  redrive: "إعادة إرساله مرة واحدة",
  drop: "إهماله",
  message: "الرسالة",
  headers: "الترويسات",
  message_warning: "قد تحتوي بيانات شخصية. تُسجّل قراءتك لها في سجل التدقيق.",
  message_show: "عرض الرسالة",
} satisfies Record<keyof typeof en, string>;
