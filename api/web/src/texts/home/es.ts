import type en from "./en";

export default {
  title: "Bienvenido",
  patients: "Vengo a una consulta",
  patients_text:
    "Escanee el código QR de la entrada con la cámara del teléfono o vaya a recepción. Verá su lugar en la cola en el teléfono.",
  my_visit: "Ver mi visita",
  staff: "Trabajo aquí",
  first_title: "Este MediQue es nuevo",
  first_text:
    "Aún nadie puede iniciar sesión. Quien administra el servidor crea el hospital y la primera cuenta en la línea de comandos:",
  first_then: "Después, esa persona inicia sesión aquí, añade servicios y salas e invita al personal.",
} satisfies Record<keyof typeof en, string>;
