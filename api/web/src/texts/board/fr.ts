import type en from "./en";

export default {
  title: "Panneau d’appel",
  called: "Veuillez entrer",
  room: "Salle",
  waiting: "En attente",
  waiting_note: "Par numéro, et non par ordre : les plus malades d’abord.",
  more: "{count, plural, one {et # autre} other {et # autres}}",
  nobody: "Personne n’est appelé pour l’instant",
  stale: "Ce panneau n’est pas à jour. Adressez-vous à l’accueil.",
  as_of: "État de {time}",
  choose: "Quels services ce panneau affiche-t-il ?",
  announce_in: "Annoncer en",
  sound: "Voix et carillon",
  start: "Afficher le panneau",
  settings: "Réglages",
  full: "Plein écran",
  sound_blocked: "Appuyez une fois n’importe où pour que le navigateur autorise la voix.",
  say: "Numéro {token}, veuillez vous rendre en salle {room}.",
  say_no_room: "Numéro {token}, veuillez entrer.",
} satisfies Record<keyof typeof en, string>;
