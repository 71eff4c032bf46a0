import type en from "./en";

export default {
  title: "Bienvenue",
  patients: "Je viens en consultation",
  patients_text:
    "Scannez le code QR à l’entrée avec l’appareil photo de votre téléphone, ou adressez-vous à l’accueil. Votre place s’affichera sur votre téléphone.",
  my_visit: "Voir ma visite",
  staff: "Je travaille ici",
  first_title: "Ce MediQue est nouveau",
  first_text:
    "Personne ne peut encore se connecter. La personne qui gère le serveur crée l’hôpital et son premier administrateur en ligne de commande :",
  first_then: "L’administrateur se connecte ensuite ici, ajoute services et salles et invite le personnel.",
} satisfies Record<keyof typeof en, string>;
