import type en from "./en";

export default {
  lead: "Fichiers pour tableurs et programmes (CSV). Les textes qu’un tableur prendrait pour une formule sont neutralisés.",
  visits: "Patients dans les files maintenant",
  visits_text: "Tous les services, dans l’ordre d’appel.",
  with_names: "Avec noms et motifs",
  with_names_hint: "Données personnelles : gardez le fichier à l’abri.",
  audit: "Journal d’audit",
  audit_text: "Qui a fait quoi, avec sa place dans la chaîne. Peut contenir des motifs nominatifs.",
  staff: "Personnel",
  staff_text: "Tous les comptes avec rôle et services.",
  quality: "Qualité du triage",
  quality_text: "Au total, par modèle et par jour.",
  from: "Du",
  to: "Au",
  to_hint: "Vide : jusqu’à maintenant",
  make: "Enregistrer en CSV",
  stop: "Arrêter",
  rows_so_far: "Lignes jusqu’ici : {count}",
  made: "Enregistré. Lignes : {count}",
} satisfies Record<keyof typeof en, string>;
