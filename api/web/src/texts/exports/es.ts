import type en from "./en";

export default {
  lead: "Archivos para hojas de cálculo y programas (CSV). Los textos que parecerían fórmulas se vuelven inofensivos.",
  visits: "Pacientes en las colas ahora",
  visits_text: "Todos los departamentos, en el orden de llamada.",
  with_names: "Con nombres y motivos",
  with_names_hint: "Datos personales: guarde el archivo donde solo lo lea quien deba.",
  audit: "Registro de auditoría",
  audit_text: "Quién hizo qué, con su lugar en la cadena. Puede contener motivos con nombres.",
  staff: "Personal",
  staff_text: "Todas las cuentas con función y departamentos.",
  quality: "Calidad del triaje",
  quality_text: "En total, por modelo y por día.",
  from: "Desde",
  to: "Hasta",
  to_hint: "Vacío: hasta ahora",
  make: "Guardar como CSV",
  stop: "Parar",
  rows_so_far: "Filas hasta ahora: {count}",
  made: "Guardado. Filas: {count}",
} satisfies Record<keyof typeof en, string>;
