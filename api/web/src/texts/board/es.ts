import type en from "./en";

export default {
  title: "Pantalla de turnos",
  called: "Pasen, por favor",
  room: "Sala",
  waiting: "En espera",
  waiting_note: "Por número, no por turno: primero se llama a los más graves.",
  more: "{count, plural, one {y # más} other {y # más}}",
  nobody: "No se llama a nadie ahora",
  stale: "Esta pantalla no está al día. Pregunte en recepción.",
  as_of: "Datos de las {time}",
  choose: "¿Qué servicios muestra esta pantalla?",
  announce_in: "Anunciar en",
  sound: "Voz y timbre",
  start: "Mostrar la pantalla",
  settings: "Ajustes",
  full: "Pantalla completa",
  sound_blocked: "Pulse una vez en cualquier sitio para que el navegador permita la voz.",
  say: "Número {token}, pase a la sala {room}.",
  say_no_room: "Número {token}, pase por favor.",
} satisfies Record<keyof typeof en, string>;
