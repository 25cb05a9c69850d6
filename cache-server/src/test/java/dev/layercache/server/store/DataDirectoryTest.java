package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir private Path root;

  @Test
  void aFreshDirectoryGetsTheCurrentVersion() throws IOException {
    DataDirectory.open(root).close();
    assertThat(root.resolve("VERSION")).hasContent("layercache 3\n");
    DataDirectory.open(root).close();
  }

  @Test
  void aDirectoryIsForOneServerAtATime() throws IOException {
    try (var first = DataDirectory.open(root)) {
      assertThatThrownBy(() -> DataDirectory.open(root))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(first.root().toString())
          .hasMessageContaining("in use by another process");
    }
    DataDirectory.open(root).close();
  }

  @Test
  void aNewerLayoutIsRefusedUntouched() throws IOException {
    Files.writeString(root.resolve("VERSION"), "layercache 4\n");
    assertThatThrownBy(() -> DataDirectory.open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("layout version 4")
        .hasMessageContaining("expected: at most 3");
    try (var entries = Files.list(root)) {
      assertThat(entries).containsExactly(root.resolve("VERSION"));
    }
  }

  @Test
  void whatVersionTwoStagedStays() throws IOException {
    DataDirectory.open(root).close();
    Files.writeString(root.resolve("VERSION"), "layercache 2\n");
    var staged = Files.createFile(root.resolve("staging/71000-0.sst"));
    DataDirectory.open(root).close();
    assertThat(root.resolve("VERSION")).hasContent("layercache 3\n");
    assertThat(staged).exists();
  }

  @Test
  void aVersionThatIsNoneIsRefused() throws IOException {
    Files.writeString(root.resolve("VERSION"), "something else");
    assertThatThrownBy(() -> DataDirectory.open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged")
        .hasMessageContaining("'something else'")
        .hasMessageContaining("expected: 'layercache 3'");
  }

  @Test
  void aVersionOfNoReadableBytesIsRefusedInWords() throws IOException {
    Files.write(root.resolve("VERSION"), new byte[] {(byte) 0xff, 0, (byte) 0x80});
    assertThatThrownBy(() -> DataDirectory.open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("VERSION is damaged");
  }

  @Test
  void somebodyElsesDirectoryIsRefusedUntouched() throws IOException {
    Files.writeString(root.resolve("thesis.txt"), "important");
    assertThatThrownBy(() -> DataDirectory.open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("'thesis.txt'");
    try (var entries = Files.list(root)) {
      assertThat(entries).containsExactly(root.resolve("thesis.txt"));
    }
  }
}
