import type en from "./en";

export default {
  lead: "Les messages non traités sont gardés ici entiers. Ils n’ont jamais d’effet d’eux-mêmes.",
  state: "État",
  state_parked: "En attente de décision",
  state_redriven: "Renvoyés",
  state_dropped: "Abandonnés",
  parked_at: "Mis de côté",
  reason: "Motif",
  subject: "Sujet",
  place: "Place dans le flux",
  inspect: "Examiner",
  none_parked: "Rien n’est mis de côté",
  none_parked_text: "C’est ce qu’il faut.",
  none: "Aucun",
  one_title: "Une commande mise de côté",
  command: "Commande",
  decided: "Décidé",
  decide: "Décider",
  decide_text:
    "Renvoyer ou abandonner touche un patient : un opérateur le fait sur le serveur. Tapez-y l’une de ces lignes, avec le motif :",
  redrive: "La renvoyer, une fois",
  drop: "L’abandonner",
  message: "Le message",
  headers: "En-têtes",
  message_warning: "Il peut contenir des données personnelles. Votre lecture est inscrite à l’audit.",
  message_show: "Afficher le message",
} satisfies Record<keyof typeof en, string>;
