import type en from "./en";

export default {
  title: "أهلًا بك",
  patients: "جئت لزيارة طبية",
  patients_text: "امسح رمز QR عند المدخل بكاميرا هاتفك، أو توجّه إلى الاستقبال. سيظهر دورك على هاتفك.",
  my_visit: "عرض زيارتي",
  staff: "أعمل هنا",
  first_title: "هذا النظام جديد",
  first_text: "لا يمكن لأحد تسجيل الدخول بعد. يُنشئ مسؤول الخادم المستشفى وأول حساب من سطر الأوامر:",
  first_then: "ثم يسجّل المسؤول الدخول هنا ويضيف الأقسام والغرف ويدعو الموظفين.",
} satisfies Record<keyof typeof en, string>;
