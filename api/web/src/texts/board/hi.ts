import type en from "./en";

export default {
  title: "बोर्ड",
  called: "कृपया अंदर आएँ",
  room: "कमरा",
  waiting: "प्रतीक्षा में",
  waiting_note: "नंबर से सूची, बारी से नहीं: ज़्यादा बीमार पहले बुलाए जाते हैं।",
  more: "{count, plural, one {और #} other {और #}}",
  nobody: "अभी किसी को नहीं बुलाया गया है",
  stale: "यह बोर्ड अद्यतन नहीं है। कृपया रिसेप्शन से पूछें।",
  as_of: "{time} तक",
  choose: "यह बोर्ड कौन से विभाग दिखाता है?",
  announce_in: "घोषणा की भाषा",
  sound: "आवाज़ और घंटी",
  start: "बोर्ड दिखाएँ",
  settings: "सेटिंग",
  full: "पूरी स्क्रीन",
  sound_blocked: "आवाज़ चालू करने के लिए कहीं भी एक बार दबाएँ।",
  say: "नंबर {token}, कृपया कमरा {room} में जाएँ।",
  say_no_room: "नंबर {token}, कृपया अंदर आएँ।",
} satisfies Record<keyof typeof en, string>;
