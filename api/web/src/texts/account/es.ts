import type en from "./en";

export default {
  title: "Mi cuenta",
  sessions: "Dónde tengo sesión",
  this_one: "Este dispositivo",
  used: "Usada {time}",
  end: "Cerrar allí",
  end_others: "Cerrar las demás sesiones",
  password: "Cambiar la contraseña",
  current: "Contraseña actual",
  changed: "La contraseña se cambió. Se cerraron las demás sesiones.",
  second_factor: "Segundo paso al iniciar sesión",
  is_on:
    "Activado. {count, plural, one {Queda # código de recuperación.} other {Quedan # códigos de recuperación.}}",
  is_off: "Desactivado. Un código del teléfono además de la contraseña impide que entren otros.",
  set_up: "Configurar",
  confirm: "Confirmar con un código",
} satisfies Record<keyof typeof en, string>;
