import { Kbd, Modal, Table } from "@mantine/core";

import { keyHelp } from "./keys";

/** Help lists the keys of the review page. */
export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" closeButtonProps={{ "aria-label": "Close" }}>
      <Table>
        <Table.Tbody>
          {keyHelp.map(({ keys, what }) => (
            <Table.Tr key={keys}><Table.Td w={110}><Kbd>{keys}</Kbd></Table.Td><Table.Td>{what}</Table.Td></Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
