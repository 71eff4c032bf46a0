import type en from "./en";

export default {
  title: "Connexion",
  ended: "Vous avez été déconnecté. Reconnectez-vous pour continuer.",
  email: "Adresse e-mail",
  password: "Mot de passe",
  show: "Afficher le mot de passe",
  forgot: "Mot de passe oublié ?",
  code_title: "Deuxième étape",
  code: "Code de votre application",
  code_hint: "Six chiffres ; un nouveau toutes les 30 secondes",
  recovery: "Code de secours",
  use_recovery: "Utiliser un code de secours",
  use_code: "Utiliser l’application",
  enrol_title: "Configurer la deuxième étape",
  enrol_text:
    "Votre rôle exige une deuxième étape. Ajoutez cette clé à une application d’authentification, puis saisissez le code affiché.",
  enrol_open: "Ouvrir dans une application de cet appareil",
  codes_title: "Conservez ces codes de secours",
  codes_text:
    "Chacun remplace une fois le code de l’application en cas de perte. Ils ne seront plus affichés.",
  codes_kept: "Je les ai conservés",
  forgot_title: "Mot de passe oublié",
  forgot_text: "Nous envoyons un lien à votre adresse si un compte existe.",
  send_link: "Envoyer le lien",
  sent_title: "Consultez votre messagerie",
  sent_text:
    "Si un compte existe, un lien est en route et expire vite. Rien reçu ? Vérifiez les indésirables ou demandez à un administrateur.",
  reset_title: "Choisissez un nouveau mot de passe",
  accept_title: "Bienvenue sur MediQue",
  accept_text: "Choisissez un mot de passe pour accepter l’invitation.",
  new_password: "Nouveau mot de passe",
  new_hint: "Au moins 12 caractères. Plusieurs mots sans lien avec vous, de préférence.",
  set: "Définir le mot de passe",
  set_done: "Le mot de passe est défini. Connectez-vous.",
  no_token: "Ce lien est incomplet. Rouvrez-le depuis l’e-mail.",
  go_on: "Continuer",
} satisfies Record<keyof typeof en, string>;
