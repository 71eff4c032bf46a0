import type en from "./en";

export default {
  title: "मेरा खाता",
  sessions: "मैं कहाँ साइन इन हूँ",
  this_one: "यह डिवाइस",
  used: "उपयोग {time}",
  end: "वहाँ से साइन आउट",
  end_others: "बाकी सब जगह से साइन आउट",
  password: "पासवर्ड बदलें",
  current: "मौजूदा पासवर्ड",
  changed: "पासवर्ड बदल गया। बाकी डिवाइस साइन आउट हो गए।",
  second_factor: "साइन इन का दूसरा चरण",
  is_on: "चालू। {count, plural, one {# रिकवरी कोड बचा है।} other {# रिकवरी कोड बचे हैं।}}",
  is_off: "बंद। पासवर्ड के साथ फ़ोन का कोड दूसरों को रोकता है।",
  set_up: "सेट करें",
  confirm: "कोड से पुष्टि करें",
} satisfies Record<keyof typeof en, string>;
