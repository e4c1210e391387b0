export default function Interviews() {
  return null;
}
