package dev.turnstile.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TicketTest {

    @Test
    void aLaterEpochFollowsAllTicketsOfTheEarlierOne() {
        Ticket last = new Ticket((1L << 41) - 1);
        Ticket next = new Ticket((2L << 40) + 1);
        assertThat(last).isLessThan(next);
        assertThat(next.epoch()).isEqualTo(2);
        assertThat(next.sequence()).isEqualTo(1);
    }

    @Test
    void theGreatestTicketIsExactAsADouble() {
        Ticket greatest = new Ticket((8191L << 40) + (1L << 40) - 1);
        assertThat((long) (double) greatest.number()).isEqualTo(greatest.number());
        assertThat(Ticket.parse(greatest.toString())).isEqualTo(greatest);
    }

    @Test
    void refusesWhatIsNoTicket() {
        assertThatThrownBy(() -> new Ticket(0)).hasMessageContaining("not a ticket");
        assertThatThrownBy(() -> new Ticket(8192L << 40)).hasMessageContaining("not a ticket");
        assertThatThrownBy(() -> Ticket.parse("12a")).isInstanceOf(IllegalArgumentException.class);
    }
}
