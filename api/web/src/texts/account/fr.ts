import type en from "./en";

export default {
  title: "Mon compte",
  sessions: "Où je suis connecté",
  this_one: "Cet appareil",
  used: "Utilisée {time}",
  end: "Déconnecter",
  end_others: "Déconnecter les autres appareils",
  password: "Changer le mot de passe",
  current: "Mot de passe actuel",
  changed: "Mot de passe changé. Les autres appareils sont déconnectés.",
  second_factor: "Deuxième étape de connexion",
  is_on: "Activée. {count, plural, one {Il reste # code de secours.} other {Il reste # codes de secours.}}",
  is_off: "Désactivée. Un code du téléphone en plus du mot de passe protège votre compte.",
  set_up: "Configurer",
  confirm: "Confirmer avec un code",
} satisfies Record<keyof typeof en, string>;
