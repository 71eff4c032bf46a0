import type en from "./en";

export default {
  network: "Le serveur est injoignable. Votre saisie est conservée : vérifiez la connexion et réessayez.",
  timeout: "Pas de réponse à temps. Réessayez : rien ne sera fait deux fois.",
  invalid_input: "Certains champs sont incorrects. Vérifiez les champs signalés.",
  unauthenticated: "Vous êtes déconnecté. Reconnectez-vous et recommencez ; rien n’a été modifié.",
  invalid_credentials:
    "E-mail ou mot de passe incorrect. Vérifiez-les ou choisissez un nouveau mot de passe.",
  second_factor_invalid:
    "Le code est faux ou déjà utilisé. Attendez le suivant ou utilisez un code de secours.",
  invalid_account_token: "Ce lien n’est plus valable. Demandez-en un nouveau.",
  csrf_refused: "Cette page n’est plus à jour. Rechargez-la et réessayez.",
  invalid_link: "Ce code n’est pas valable. Scannez-le à nouveau ou adressez-vous à l’accueil.",
  link_expired: "Ce code a expiré. Scannez celui affiché au mur ou adressez-vous à l’accueil.",
  link_already_used: "Ce code a déjà servi. Demandez-en un nouveau à l’accueil.",
  link_revoked: "Ce code a été retiré. Adressez-vous à l’accueil.",
  not_found: "Cela n’existe plus. Rechargez pour voir l’état actuel.",
  email_taken: "Un compte existe déjà avec cette adresse. Cherchez-le dans la liste du personnel.",
  not_invited: "L’invitation a déjà été acceptée. La personne peut demander un nouveau mot de passe.",
  not_redrivable:
    "Impossible de la renvoyer : elle a été abandonnée, ou la personne effacée. Faites à la main ce qui est encore voulu.",
  last_admin: "C’est le dernier administrateur. Donnez d’abord ce rôle à quelqu’un d’autre.",
  weak_password: "Choisissez un autre mot de passe : {detail}",
  dead_lettered:
    "Cela n’a pas pu être traité et a été mis de côté. Ne recommencez pas ; prévenez un administrateur.",
  too_many_requests: "Trop d’essais. Attendez un instant puis réessayez.",
  internal_error:
    "Une erreur s’est produite de notre côté. Réessayez ; si elle persiste, indiquez le numéro ci-dessous.",
  not_accepted: "Le serveur est occupé ; rien n’a été modifié. Réessayez dans un instant.",
  outcome_unknown: "On ignore encore si cela a abouti. Réessayez : rien ne sera fait deux fois.",
  invalid_transition: "Impossible dans l’état actuel de la visite. Vérifiez-la.",
  version_conflict:
    "Quelqu’un a modifié cette visite avant vous. Votre saisie est conservée : voyez le changement puis décidez.",
  forbidden: "Votre rôle ne le permet pas ici. Demandez à quelqu’un d’autorisé.",
  already_in_queue: "Ce patient a déjà une visite en cours. Continuez celle-ci ou autorisez-en une seconde.",
  already_taken: "Ce code est déjà pris. Choisissez-en un autre.",
  department_closed:
    "Ce service n’accueille pas de patients actuellement. Choisissez-en un autre ou demandez à l’accueil.",
  doctor_not_available: "Le médecin est en pause ou absent. Indiquez d’abord « disponible ».",
  doctor_busy: "Le médecin a encore un patient. Terminez ou mettez-le en attente d’abord.",
  doctor_required: "Choisissez le médecin qui appelle le patient.",
  room_busy: "Un autre patient occupe cette salle. Choisissez-en une autre.",
  room_required: "Aucune salle n’est libre. Choisissez-en une ou libérez-en une.",
  nobody_waiting: "Personne ne vous attend pour le moment.",
  reason_required: "Indiquez d’abord un motif.",
  below_floor: "Les constats exigent un niveau plus urgent. Choisissez-le ou passez outre avec un motif.",
  raise_only: "Votre rôle ne peut qu’augmenter l’urgence. Demandez à une infirmière ou à un médecin.",
  recall_too_soon: "Ce patient vient d’être appelé. Attendez dix secondes.",
  no_show_too_soon: "Appelez à nouveau le patient et attendez un peu.",
  human_required: "Un patient très urgent n’est jamais retiré sans décision humaine. Cherchez-le.",
  not_in_charge: "Un autre médecin est en charge de ce patient.",
  nothing_to_undo: "Il n’y a plus rien à annuler.",
  undo_expired: "Trop tard pour annuler : plus d’une minute s’est écoulée. Corrigez par une nouvelle étape.",
  same_department: "Le patient est déjà dans ce service.",
  service_day_over: "Cette visite date d’un autre jour. Enregistrez à nouveau le patient.",
  adviser_off: "Le conseiller est désactivé. Activez-le d’abord.",
  expired: "Arrivé trop tard, sans effet. Recommencez si c’est toujours voulu.",
} satisfies Record<keyof typeof en, string>;
