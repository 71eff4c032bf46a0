import { SetPassword } from "./SetPassword";

export default function AcceptInvitation() {
  return <SetPassword kind="accept" />;
}
