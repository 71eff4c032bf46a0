import type en from "./en";

export default {
  title: "لوحة النداء",
  called: "تفضلوا بالدخول",
  room: "غرفة",
  waiting: "في الانتظار",
  waiting_note: "مرتبة حسب الرقم لا حسب الدور: يُنادى الأشد مرضًا أولًا.",
  more: "{count, plural, one {وواحد آخر} two {واثنان آخران} few {و# آخرون} other {و# آخرون}}",
  nobody: "لا نداء الآن",
  stale: "هذه اللوحة غير محدّثة. يُرجى سؤال الاستقبال.",
  as_of: "حتى {time}",
  choose: "أي الأقسام تعرض هذه اللوحة؟",
  announce_in: "النداء بلغة",
  sound: "الصوت والجرس",
  start: "عرض اللوحة",
  settings: "الإعدادات",
  full: "ملء الشاشة",
  sound_blocked: "اضغط مرة في أي مكان ليسمح المتصفح بالصوت.",
  say: "الرقم {token}، تفضل إلى الغرفة {room}.",
  say_no_room: "الرقم {token}، تفضل بالدخول.",
} satisfies Record<keyof typeof en, string>;
