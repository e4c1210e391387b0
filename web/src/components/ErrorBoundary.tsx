import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";

/** ErrorBoundary catches what a page threw while rendering, instead of a blank window. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <Center mih="100vh" p="lg">
        <Stack maw={460} role="alert">
          <Title order={2}>This page stopped working</Title>
          <Text>
            It met a fault of its own. Reload it; if that does not help, the server may have been updated: close this
            tab and open it again.
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>{this.state.error.message}</Text>
          <Button onClick={() => window.location.reload()} w="fit-content">Reload</Button>
        </Stack>
      </Center>
    );
  }
}
