package dev.layercache.server.metadata;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.layercache.server.blob.Concurrently;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.MetadataStore.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link MetadataStore} must do. Keys and values are written as Latin-1 text here. */
public abstract class MetadataStoreContract {
  private static final int MANY = 1000;

  @TempDir private Path directory;
  private final List<MetadataStore> opened = new ArrayList<>();

  /** Opens a store on a directory that is empty, or where one was closed before. */
  protected abstract MetadataStore open(Path directory) throws IOException;

  /** Closes a store that {@link #open} gave. */
  protected abstract void close(MetadataStore store) throws IOException;

  /** Whether a store that is closed and opened again holds what it held. */
  protected boolean durable() {
    return true;
  }

  @BeforeEach
  void openStore() throws IOException {
    opened.add(open(directory));
  }

  @AfterEach
  void closeStore() throws IOException {
    close(store());
  }

  @Test
  void anAbsentKeyHasNoValue() throws IOException {
    assertThat(get(Table.TAGS, "a")).isEmpty();
    delete("a");
    assertThat(get(Table.TAGS, "a")).isEmpty();
    assertThat(scan("", "", MANY)).isEmpty();
  }

  @Test
  void putReplacesAndDeleteRemoves() throws IOException {
    put("a", "1");
    put("a", "2");
    assertThat(get(Table.TAGS, "a")).contains("2");
    delete("a");
    assertThat(get(Table.TAGS, "a")).isEmpty();
  }

  @Test
  void anEmptyValueIsAValue() throws IOException {
    put("a", "");
    assertThat(get(Table.TAGS, "a")).contains("");
    assertThat(scan("", "", MANY)).containsExactly("a=");
  }

  @Test
  void aKeyMayBeThePrefixOfAnother() throws IOException {
    put("ab", "2");
    put("abc", "3");
    put("a", "1");
    assertThat(get(Table.TAGS, "ab")).contains("2");
    assertThat(scan("ab", "", MANY)).containsExactly("ab=2", "abc=3");
    delete("ab");
    assertThat(scan("a", "", MANY)).containsExactly("a=1", "abc=3");
  }

  @Test
  void tablesAreSeparate() throws IOException {
    var changes = new ArrayList<Change>();
    for (var table : Table.values()) {
      changes.add(new Change.Put(table, bytes("k"), bytes(table.name())));
    }
    store().write(changes);
    for (var table : Table.values()) {
      assertThat(get(table, "k")).contains(table.name());
    }
  }

  @Test
  void keysAreOrderedAsUnsignedBytes() throws IOException {
    for (var key : List.of("\u00ff", "\u0080", "\u007f", "\u0000", "a", "\u0000\u0000")) {
      put(key, "");
    }
    assertThat(scan("", "", MANY))
        .containsExactly("\u0000=", "\u0000\u0000=", "a=", "\u007f=", "\u0080=", "\u00ff=");
  }

  @Test
  void aPrefixOfHighestBytesHasAnEndToo() throws IOException {
    for (var key : List.of("a\u00ff", "a\u00ff\u00ff", "b", "\u00ff", "\u00ff\u00ff", "\u00fe")) {
      put(key, "");
    }
    assertThat(scan("a\u00ff", "", MANY)).containsExactly("a\u00ff=", "a\u00ff\u00ff=");
    assertThat(scan("\u00ff", "", MANY)).containsExactly("\u00ff=", "\u00ff\u00ff=");
  }

  @Test
  void aScanStartsAtFromAndStaysInsideThePrefix() throws IOException {
    for (var key : List.of("a/1", "b/1", "b/2", "b/3", "c/1")) {
      put(key, "");
    }
    assertThat(scan("b/", "", MANY)).containsExactly("b/1=", "b/2=", "b/3=");
    assertThat(scan("b/", "b/2", MANY)).containsExactly("b/2=", "b/3=");
    assertThat(scan("b/", "b/1\u0000", MANY)).containsExactly("b/2=", "b/3=");
    assertThat(scan("b/", "a/1", MANY)).containsExactly("b/1=", "b/2=", "b/3=");
    assertThat(scan("b/", "b/4", MANY)).isEmpty();
    assertThat(scan("b/", "c/1", MANY)).isEmpty();
    assertThat(scan("", "b/3", MANY)).containsExactly("b/3=", "c/1=");
  }

  @Test
  void aScanReturnsAtMostWhatWasAskedFor() throws IOException {
    for (var key : List.of("a", "b", "c")) {
      put(key, "");
    }
    assertThat(scan("", "", 1)).containsExactly("a=");
    assertThat(scan("", "b", 1)).containsExactly("b=");
    assertThat(scan("", "", 3)).hasSize(3);
  }

  @Test
  void laterChangesOfABatchWin() throws IOException {
    put("d", "0");
    store()
        .write(
            List.of(
                new Change.Put(Table.TAGS, bytes("a"), bytes("1")),
                new Change.Put(Table.TAGS, bytes("a"), bytes("2")),
                new Change.Put(Table.TAGS, bytes("b"), bytes("1")),
                new Change.Delete(Table.TAGS, bytes("b")),
                new Change.Delete(Table.TAGS, bytes("d")),
                new Change.Put(Table.TAGS, bytes("d"), bytes("3"))));
    assertThat(scan("", "", MANY)).containsExactly("a=2", "d=3");
    store().write(List.of());
    assertThat(scan("", "", MANY)).hasSize(2);
  }

  @Test
  void aReaderSeesAllOfABatchOrNothing() throws Exception {
    Concurrently.run(
        4,
        number -> {
          for (int i = 0; i < 200; i++) {
            var value = bytes(number + "." + i);
            if (number < 2) {
              store()
                  .write(
                      List.of(
                          new Change.Put(Table.TAGS, bytes("a"), value),
                          new Change.Put(Table.TAGS, bytes("z"), value)));
            } else {
              var values = store().scan(Table.TAGS, bytes(""), bytes(""), MANY);
              assertThat(values.stream().map(entry -> text(entry.value())).distinct().count())
                  .isLessThanOrEqualTo(1);
              assertThat(values.size()).isIn(0, 2);
            }
          }
        });
    assertThat(scan("", "", MANY)).hasSize(2);
  }

  @Test
  void arraysAreNotSharedWithTheCaller() throws IOException {
    var key = bytes("k");
    var value = bytes("v");
    store().write(List.of(new Change.Put(Table.TAGS, key, value)));
    key[0] = 'x';
    value[0] = 'x';
    store().get(Table.TAGS, bytes("k")).orElseThrow()[0] = 'y';
    for (Entry entry : store().scan(Table.TAGS, bytes(""), bytes(""), MANY)) {
      entry.key()[0] = 'z';
      entry.value()[0] = 'z';
    }
    assertThat(scan("", "", MANY)).containsExactly("k=v");
  }

  @Test
  void whatWasWrittenSurvivesARestart() throws IOException {
    assumeTrue(durable());
    put("a", "1");
    put("b", "");
    put("c", "3");
    delete("c");
    close(store());
    opened.add(open(directory));
    assertThat(scan("", "", MANY)).containsExactly("a=1", "b=");
  }

  private MetadataStore store() {
    return opened.getLast();
  }

  private void put(String key, String value) throws IOException {
    store().write(List.of(new Change.Put(Table.TAGS, bytes(key), bytes(value))));
  }

  private void delete(String key) throws IOException {
    store().write(List.of(new Change.Delete(Table.TAGS, bytes(key))));
  }

  private Optional<String> get(Table table, String key) throws IOException {
    return store().get(table, bytes(key)).map(MetadataStoreContract::text);
  }

  private List<String> scan(String prefix, String from, int most) throws IOException {
    return store().scan(Table.TAGS, bytes(prefix), bytes(from), most).stream()
        .map(entry -> text(entry.key()) + "=" + text(entry.value()))
        .toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }
}
