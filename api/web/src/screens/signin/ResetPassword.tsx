import { SetPassword } from "./SetPassword";

export default function ResetPassword() {
  return <SetPassword kind="reset" />;
}
