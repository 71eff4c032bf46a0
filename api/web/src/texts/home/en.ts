export default {
  title: "Welcome",
  patients: "I am here for a visit",
  patients_text:
    "Scan the QR code at the entrance with the camera of your phone, or go to the reception desk. Your place in the queue then shows on your phone.",
  my_visit: "Show my visit",
  staff: "I work here",
  first_title: "This MediQue is new",
  first_text:
    "Nobody can sign in yet. Whoever runs the server creates the hospital and its first administrator on the command line:",
  first_then: "The administrator then signs in here, adds departments and rooms, and invites the staff.",
} as const;
