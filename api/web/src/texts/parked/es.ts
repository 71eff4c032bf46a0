import type en from "./en";

export default {
  lead: "Los mensajes que no se pudieron procesar quedan aquí enteros. Nunca tienen efecto por sí solos.",
  state: "Estado",
  state_parked: "Pendientes de decisión",
  state_redriven: "Reenviados",
  state_dropped: "Descartados",
  parked_at: "Apartado",
  reason: "Motivo",
  subject: "Asunto",
  place: "Lugar en el flujo",
  inspect: "Examinar",
  none_parked: "No hay nada apartado",
  none_parked_text: "Así debe ser.",
  none: "Ninguno",
  one_title: "Una orden apartada",
  command: "Orden",
  decided: "Decidido",
  decide: "Decidir",
  decide_text:
    "Reenviar o descartar afecta a un paciente: lo hace un operador en el servidor. Escriba allí uno de estos, con el motivo:",
  redrive: "Reenviarla, una vez",
  drop: "Descartarla",
  message: "El mensaje",
  headers: "Cabeceras",
  message_warning: "Puede contener datos personales. Su lectura queda en la auditoría.",
  message_show: "Mostrar el mensaje",
} satisfies Record<keyof typeof en, string>;
