import type en from "./en";

export default {
  title: "حسابي",
  sessions: "أين سجّلت الدخول",
  this_one: "هذا الجهاز",
  used: "استُخدمت {time}",
  end: "تسجيل الخروج هناك",
  end_others: "تسجيل الخروج من بقية الأجهزة",
  password: "تغيير كلمة المرور",
  current: "كلمة المرور الحالية",
  changed: "تم تغيير كلمة المرور وتسجيل خروج بقية الأجهزة.",
  second_factor: "الخطوة الثانية لتسجيل الدخول",
  is_on:
    "مفعّلة. {count, plural, one {بقي رمز واحد.} two {بقي رمزان.} few {بقيت # رموز.} other {بقي # رمزًا.}}",
  is_off: "متوقفة. رمز من هاتفك مع كلمة المرور يمنع الآخرين من الدخول.",
  set_up: "إعداد",
  confirm: "تأكيد برمز",
} satisfies Record<keyof typeof en, string>;
