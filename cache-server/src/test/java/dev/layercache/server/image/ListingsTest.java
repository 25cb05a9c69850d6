package dev.layercache.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListingsTest {
  private final ImageFixture fixture = new ImageFixture();
  private final Images images = fixture.images;

  @Test
  void tagsComeInLexicalOrderPageByPage() throws IOException {
    fixture.put("app", fixture.image("one"), "b", "B", "a.1", "a", "a-1", "_x", "10", "9");
    fixture.put("app-b", fixture.image("one"), "other");
    fixture.put("app/b", fixture.image("one"), "another");

    var first = page("", 3);
    var second = page(first.next().orElseThrow(), 3);
    var third = page(second.next().orElseThrow(), 3);

    assertThat(first.items()).containsExactly("10", "9", "B");
    assertThat(second.items()).containsExactly("_x", "a", "a-1");
    assertThat(third.items()).containsExactly("a.1", "b");
    assertThat(third.next()).isEmpty();
  }

  private Page<String> page(String last, int most) throws IOException {
    var page = images.tags("app", last, most).orElseThrow();
    return new Page<>(page.items().stream().map(Tag::name).toList(), page.next());
  }

  @Test
  void aPageThatEndsTheListSaysSo() throws IOException {
    fixture.put("app", fixture.image("one"), "a", "b");

    assertThat(page("", 2)).isEqualTo(new Page<>(List.of("a", "b"), Optional.empty()));
    assertThat(page("a", 2)).isEqualTo(new Page<>(List.of("b"), Optional.empty()));
    assertThat(page("b", 2)).isEqualTo(new Page<>(List.of(), Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({"'a', 'aa,b'", "'a ', 'aa,b'", "'aaa', 'b'", "'zzz', ''", "'/../', 'a,aa,b'"})
  void lastNeedNotBeATag(String last, String expected) throws IOException {
    fixture.put("app", fixture.image("one"), "a", "aa", "b");

    assertThat(String.join(",", page(last, 10).items())).isEqualTo(expected);
  }

  @Test
  void lastWithAZeroByteStaysInItsRepository() throws IOException {
    fixture.put("app", fixture.image("one"), "a", "b");
    fixture.put("apq", fixture.image("one"), "x");

    assertThat(page("a\0z", 10).items()).containsExactly("b");
    assertThat(page("\0", 10).items()).containsExactly("a", "b");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void pageOfNothingHasOneItem(int most) throws IOException {
    fixture.put("app", fixture.image("one"), "a", "b");

    assertThat(page("", most)).isEqualTo(new Page<>(List.of("a"), Optional.of("a")));
  }

  @Test
  void pagesAreCutToTheMaximum() throws IOException {
    byte[] image = fixture.image("one");
    for (int batch = 0; batch < 11; batch++) {
      var tags = new String[100];
      for (int i = 0; i < tags.length; i++) {
        tags[i] = "t%02d-%02d".formatted(batch, i);
      }
      fixture.put("app", image, tags);
    }

    var page = page("", Integer.MAX_VALUE);

    assertThat(page.items()).hasSize(1_000).startsWith("t00-00").endsWith("t09-99");
    assertThat(page.next()).contains("t09-99");
    assertThat(page(page.next().orElseThrow(), Integer.MAX_VALUE).items()).hasSize(100);
    assertThat(images.countTags("app")).isEqualTo(1_000);
  }

  @Test
  void unknownRepositoryHasNoTagListButAnUntaggedOneHas() throws IOException {
    fixture.put("app", fixture.image("one"));

    assertThat(images.tags("nowhere", "", 10)).isEmpty();
    assertThat(images.tags("app", "", 10)).contains(new Page<>(List.of(), Optional.empty()));
    assertThat(images.countTags("app")).isZero();
  }

  @Test
  void repositoriesComeInLexicalOrderPageByPage() throws IOException {
    var names = List.of("a", "a-b", "a.b", "a/b", "a/b/c", "a0", "ab", "b");
    for (String name : names.reversed()) {
      fixture.push(name, "one");
      fixture.push(name, "two");
    }

    var seen = new ArrayList<String>();
    Optional<String> last = Optional.of("");
    while (last.isPresent()) {
      var page = images.repositories(last.get(), 3);
      assertThat(page.items()).hasSizeBetween(1, 3);
      seen.addAll(page.items());
      last = page.next();
    }

    assertThat(seen).isEqualTo(names);
    assertThat(images.repositories("a/", 2))
        .isEqualTo(new Page<>(List.of("a/b", "a/b/c"), Optional.of("a/b/c")));
    assertThat(images.countTags("a/b")).isEqualTo(2);
  }

  @Test
  void noRepositories() throws IOException {
    assertThat(images.repositories("", 10)).isEqualTo(new Page<>(List.of(), Optional.empty()));
    assertThat(images.repositories("x", 10).items()).isEmpty();
  }
}
