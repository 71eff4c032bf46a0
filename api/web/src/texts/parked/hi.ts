import type en from "./en";

export default {
  lead: "जो संदेश संसाधित नहीं हुए वे यहाँ पूरे रखे हैं। अपने आप कभी लागू नहीं होते।",
  state: "स्थिति",
  state_parked: "निर्णय की प्रतीक्षा में",
  state_redriven: "फिर भेजे गए",
  state_dropped: "छोड़ दिए गए",
  parked_at: "अलग रखा गया",
  reason: "कारण",
  subject: "विषय",
  place: "धारा में स्थान",
  inspect: "जाँचें",
  none_parked: "कुछ भी रुका नहीं",
  none_parked_text: "ऐसा ही होना चाहिए।",
  none: "कोई नहीं",
  one_title: "रोका गया आदेश",
  command: "आदेश",
  decided: "निर्णय",
  decide: "निर्णय लें",
  decide_text:
    "फिर भेजना या छोड़ना मरीज़ पर असर डालता है, इसलिए ऑपरेटर सर्वर पर करता है। वहाँ इनमें से एक कारण सहित लिखें:",
  redrive: "एक बार फिर भेजें",
  drop: "छोड़ दें",
  message: "संदेश",
  headers: "हेडर",
  message_warning: "इसमें निजी डेटा हो सकता है। पढ़ना ऑडिट में दर्ज होगा।",
  message_show: "संदेश दिखाएँ",
} satisfies Record<keyof typeof en, string>;
