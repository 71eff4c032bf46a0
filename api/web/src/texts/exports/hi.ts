import type en from "./en";

export default {
  lead: "स्प्रेडशीट और प्रोग्राम के लिए फ़ाइलें (CSV)। सूत्र जैसे पाठ निष्क्रिय किए जाते हैं।",
  visits: "कतारों में अभी मरीज़",
  visits_text: "हर विभाग, बुलाने के क्रम में।",
  with_names: "नाम और शिकायत सहित",
  with_names_hint: "निजी डेटा: फ़ाइल सुरक्षित रखें।",
  audit: "ऑडिट अभिलेख",
  audit_text: "किसने क्या किया, शृंखला में स्थान सहित। कारणों में नाम हो सकते हैं।",
  staff: "कर्मचारी",
  staff_text: "हर खाता, भूमिका और विभाग सहित।",
  quality: "ट्राइएज की गुणवत्ता",
  quality_text: "कुल, मॉडल और दिन के अनुसार।",
  from: "से",
  to: "तक",
  to_hint: "खाली: अभी तक",
  make: "CSV में सहेजें",
  stop: "रोकें",
  rows_so_far: "अब तक पंक्तियाँ: {count}",
  made: "सहेजा गया। पंक्तियाँ: {count}",
} satisfies Record<keyof typeof en, string>;
